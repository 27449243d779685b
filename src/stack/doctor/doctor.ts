import type { Clock } from "../../lib/clock.ts";
import { StackError } from "../../lib/errors.ts";
import { certificatesFolder } from "../certificates.ts";
import { planImages } from "../images.ts";
import { elsewhereOf } from "../mlflow-spec.ts";
import type { BundledFiles } from "../bundled-files.ts";
import type { Compose, Engine, EngineInfo, ProjectFiles, System } from "../ports.ts";
import { appliedSpec, type Project } from "../project.ts";
import { projectFolders } from "../services/airflow-common.ts";
import type { ResolvedSpec } from "../resolve-spec.ts";
import { envPath, parseEnv } from "../user-files/env-file.ts";
import { defaultSpec, type StackSpec } from "../spec.ts";
import { readUserFiles, type UserFiles } from "../user-files/read-user-files.ts";
import { ofStack, standalone, type Check, type Skipped } from "./check.ts";
import { checkContainer, checkClock } from "./check-container.ts";
import { checkImages } from "./check-images.ts";
import { checkPortHolders } from "./check-ports.ts";
import { checkProxies } from "./check-proxies.ts";
import { checkRoom } from "./check-room.ts";
import { checkStackFolder } from "./check-secrets.ts";
import { checkSettings, checkVersions } from "./check-settings.ts";
import { checkMinio, checkServices } from "./check-services.ts";
import { checkClient, checkEngine } from "./check-tools.ts";
import { lookFromContainer, type ContainerView } from "./container-view.ts";
import type { Machine } from "./machine.ts";

export interface DoctorDeps {
  readonly machine: Machine;
  readonly compose: Compose;
  readonly system: System;
  readonly files: ProjectFiles;
  readonly bundled: BundledFiles;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  /** Throws ENGINE_UNREACHABLE for an address that isn't one. */
  engine(): Promise<Engine>;
  /** Throws CONFIG_INVALID. */
  project(): Promise<Project>;
}

export interface DoctorReport {
  readonly failures: number;
  readonly warnings: number;
  readonly checks: readonly Check[];
  readonly skipped: readonly Skipped[];
}

/** Looks at this machine, the engine and the project; changes nothing, and needs none of them to be there. */
export async function examine(deps: DoctorDeps): Promise<DoctorReport> {
  const project = await attempt(async () => await deps.project());
  const wanted = project instanceof StackError ? { spec: defaultSpec("stack"), chosenPorts: [] } : project;
  const { files, system } = deps;
  const user = await attempt(async () => await readUserFiles(wanted.spec, files, system.digest));
  const reached = await attempt(async () => {
    const engine = await deps.engine();
    const info = await engine.info();
    return { engine, info, askedAtMs: deps.clock.nowMs() };
  });
  const isOff = reached instanceof StackError;
  const [client, proxies, others] = await Promise.all([
    checkClient(deps.machine, deps.compose, deps.signal),
    checkProxies(deps.machine, insideNames(wanted.spec)),
    isOff ? checkWithoutEngine(wanted, deps) : checkWithEngine({ ...reached, wanted, project, user }, deps),
  ]);
  const engine = checkEngine(isOff ? reached : reached.info, deps.machine);
  const checks = [...client, ...engine, proxies, ...checkSettings(project, user), ...others];
  const count = (outcome: Check["outcome"]) => checks.filter((one) => one.outcome === outcome).length;
  const skipped = isOff
    ? skip(needingEngine, "the engine doesn't answer")
    : [
        ...skip(
          checks.some(({ name }) => name === "mounts") ? [] : needingImage,
          "no image of the stack can be run yet",
        ),
        ...skip(project instanceof StackError ? ["services"] : [], "the settings can't be read"),
      ];
  return { failures: count("failure"), warnings: count("warning"), checks, skipped };
}

function skip(names: readonly string[], why: string): readonly Skipped[] {
  return names.map((name) => ({ name, why }));
}

/** What must be called without a proxy. */
function insideNames(spec: StackSpec): readonly string[] {
  const mlflow = elsewhereOf(spec) === undefined ? ["mlflow"] : [];
  // Tasks of Airflow 2 call no API of its.
  const airflow = spec.line === "classic" ? [] : ["airflow", "airflow-api-server"];
  return [...airflow, ...mlflow, "minio", "localhost"];
}

const needingImage = ["mounts", "names", "certificates"];
const needingEngine = ["disk", "memory", "clock", "images", "services", ...needingImage];

/** Why the command doesn't end with status 0. */
export function doctorFailure({ checks }: DoctorReport): StackError | undefined {
  const failed = checks.filter(({ outcome }) => outcome === "failure");
  const [first] = failed;
  if (first === undefined) return undefined;
  const isMachine = failed.some(({ about }) => about === "machine");
  const names = failed.map(({ name }) => name);
  return new StackError(
    isMachine ? "MACHINE_NOT_READY" : "STACK_DAMAGED",
    `${isMachine ? "This machine is not ready for the stack" : "The stack is not as it should be"}: ${names.join(", ")}.`,
    { hint: first.fix, facts: { checks: names } },
  );
}

async function checkWithoutEngine(
  wanted: ResolvedSpec,
  { system, files }: DoctorDeps,
): Promise<readonly Check[]> {
  return [
    ...(await checkPortHolders(wanted, { system, published: [] })),
    ...(await checkStackFolder({ files, system }, undefined)),
    checkMinio(wanted.spec, undefined, undefined),
  ];
}

interface Reached {
  readonly engine: Engine;
  readonly info: EngineInfo;
  readonly askedAtMs: number;
  readonly wanted: ResolvedSpec;
  readonly project: Project | StackError;
  readonly user: UserFiles | StackError;
}

async function checkWithEngine(reached: Reached, deps: DoctorDeps): Promise<readonly Check[]> {
  const { engine, info, askedAtMs, wanted, project, user } = reached;
  const { spec } = wanted;
  const { system, files, bundled } = deps;
  const layer = user instanceof StackError ? undefined : user.layer;
  const plan = await planImages(spec, bundled, system.digest, layer);
  const applied = project instanceof StackError ? undefined : appliedSpec(project);
  const [published, gateway, volumes, versions, images, services, view] = await Promise.all([
    orUndefined(async () => await engine.publishedPorts()),
    orUndefined(async () => await engine.hostGateway()),
    orUndefined(async () => applied && (await engine.resources(applied.project)).volumes),
    checkVersions(project, engine),
    standalone(ofStack, "images", async () => await checkImages(plan, engine)),
    standalone(ofStack, "services", async () => (applied ? await checkServices(applied, engine) : [])),
    orUndefined(async () => await lookInside(plan.references.airflow, reached, deps)),
  ]);
  // A layer takes little beside the image that it lies on.
  const willBuild = images.some(({ name, outcome }) => outcome === "warning" && name !== "image project");
  return [
    ...(await checkRoom({ spec, info, system, view, willBuild })),
    ...(await checkPortHolders(wanted, { system, published: published ?? [] })),
    ...checkClock(info.nowMs, askedAtMs),
    ...(view === undefined ? [] : checkContainer(view, info)),
    ...versions,
    ...images,
    ...(await checkStackFolder({ files, system }, volumes)),
    ...services,
    checkMinio(spec, published, gateway),
  ];
}

/** Out of a container of Airflow's image, if there is one: the user and the programs are those of tasks. */
async function lookInside(
  image: string,
  { engine, wanted }: Reached,
  { machine, files, signal }: DoctorDeps,
): Promise<ContainerView | undefined> {
  if ((await engine.imageLabels(image)) === undefined) return undefined;
  const there = await Promise.all(projectFolders.map(async (name) => await files.exists(name)));
  const folders = projectFolders
    .filter((_, index) => there[index] === true)
    .map((name) => ({ name, path: files.absolute(name) }));
  const env = {
    ...Object.fromEntries(parseEnv((await files.read(envPath)) ?? "")),
    ...wanted.spec.env.airflow,
  };
  const certificates = (await files.exists(certificatesFolder))
    ? files.absolute(certificatesFolder)
    : undefined;
  return await lookFromContainer(machine, { image, folders, certificates, env, signal });
}

async function attempt<T>(work: () => Promise<T>): Promise<T | StackError> {
  try {
    return await work();
  } catch (error) {
    if (error instanceof StackError && error.code !== "INTERRUPTED") return error;
    throw error;
  }
}

async function orUndefined<T>(work: () => Promise<T>): Promise<T | undefined> {
  const found = await attempt(work);
  return found instanceof StackError ? undefined : found;
}
