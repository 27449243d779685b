import { planCheckImage, planImages } from "../images.ts";
import { checkTools } from "../preflight.ts";
import type { Project } from "../project.ts";
import { provideImages, type ProvideDeps } from "../provide-images.ts";
import { renderCompose } from "../render.ts";
import { projectFolders } from "../services/airflow-common.ts";
import { checkPath, ensureStackFolder, writeIfChanged } from "../stack-folder.ts";
import { readUserFiles } from "../user-files/read-user-files.ts";
import type { DagsCheckResult } from "./check-types.ts";
import { checkFile, importService, ruffService } from "./check-file.ts";
import { readImports, readUpgrades } from "./read-answers.ts";

const folders = projectFolders.map((folder) => `/opt/airflow/${folder}`);
const ruff = [
  "check",
  "--no-cache",
  "--isolated",
  "--select=AIR3",
  "--preview",
  "--output-format=json",
  "--exit-zero",
];

/**
 * Imports all DAGs and plugins in the image that `stack up` would run, and looks for names that Airflow 3 moved or
 * dropped; needs no running stack. Throws what providing that image throws.
 */
export async function checkDags({ spec }: Project, deps: ProvideDeps): Promise<DagsCheckResult> {
  const startedMs = deps.clock.nowMs();
  const { digest } = deps.system;
  const user = await readUserFiles(spec, deps.files, digest);
  const info = await checkTools(deps);
  const plan = await planImages(spec, deps.bundled, digest, user.layer);
  const { image: ruffImage, base } = await planCheckImage(deps.bundled, digest);
  const own = plan.own.filter(({ name }) => name === "airflow");
  const given = spec.images.airflow === undefined ? [] : [spec.images.airflow];
  const bases = [base, ...plan.bases.filter(({ tag }) => tag !== base.tag)];
  await provideImages({ ...plan, bases, own: [...own, ruffImage], given }, info, true, deps);

  const { envNames, objects } = user;
  const inputs = { spec, images: plan.references, projectDir: deps.files.dir, envNames };
  await ensureStackFolder(deps.files);
  for (const folder of projectFolders) await deps.files.ensureDir(folder);
  await writeIfChanged(
    deps.files,
    checkPath,
    renderCompose(checkFile(inputs, objects, ruffImage.tag)),
    0o600,
  );

  const program = new TextEncoder().encode(await deps.bundled.seedProgram("check_dags.py"));
  const { signal } = deps;
  const [imports, upgrades] = await Promise.all([
    deps.compose.run(checkPath, importService, [], { input: program, signal }),
    deps.compose.run(checkPath, ruffService, [...ruff, ...folders], { signal }),
  ]);
  const elapsedMs = Math.round(deps.clock.nowMs() - startedMs);
  return { ...readImports(imports), upgrades: readUpgrades(upgrades), elapsedMs };
}
