import { StackError } from "../../lib/errors.ts";
import { createRedactor } from "../../lib/redact.ts";
import { maskLikelySecrets } from "../../lib/redact-likely.ts";
import type { DoctorReport } from "../doctor/doctor.ts";
import type { Machine } from "../doctor/machine.ts";
import type { Engine, ProjectFiles } from "../ports.ts";
import { secretValuesIn } from "../secrets.ts";
import { composePath, secretsPath, statePath, timingsPath } from "../stack-folder.ts";
import type { StackSpec } from "../spec.ts";
import type { StatusReport } from "../status-report.ts";
import { secretValuesOf } from "../user-files/secret-values.ts";
import type { ArchiveEntry } from "./archive.ts";

export interface CollectDeps {
  readonly files: ProjectFiles;
  readonly machine: Machine;
  readonly signal: AbortSignal;
  /** Of the tool. */
  readonly version: string;
  engine(): Promise<Engine>;
  spec(): Promise<StackSpec>;
  doctor(): Promise<DoctorReport>;
  status(): Promise<StatusReport>;
}

/** A file of the report, with what it is. */
export interface ReportFile extends ArchiveEntry {
  readonly about: string;
}

export interface Collection {
  readonly files: readonly ReportFile[];
  /** What could not be had. */
  readonly missing: readonly { readonly path: string; readonly why: string }[];
}

const linesOfEach = 2000;

/** All that helps to find a fault, with secrets masked; what can't be had is named, and the rest goes on. */
export async function collectReport(deps: CollectDeps): Promise<Collection> {
  const { files, machine, version } = deps;
  const found: ReportFile[] = [];
  const missing: { readonly path: string; readonly why: string }[] = [];
  const add = async (path: string, about: string, read: () => Promise<string | undefined>): Promise<void> => {
    try {
      const text = await read();
      if (text === undefined) missing.push({ path, why: "there is none" });
      else found.push({ path, about, text });
    } catch (error) {
      if (!(error instanceof StackError) || error.code === "INTERRUPTED") throw error;
      missing.push({ path, why: error.message });
    }
  };

  await add(
    "versions.json",
    "versions of this tool, Node.js, the system, Docker and the engine",
    async () => {
      const client = await machine.clientVersion();
      const engine = await (await deps.engine()).info().catch(() => undefined);
      return json({
        stack: version,
        node: machine.nodeVersion,
        system: machine.system,
        docker: client,
        engine,
      });
    },
  );
  await add("doctor.json", "what `stack doctor` finds", async () => json(await deps.doctor()));
  await add("status.json", "what `stack status` shows", async () => json(await deps.status()));
  await add("stack.yaml", "the project's settings", async () => await files.read("stack.yaml"));
  await add("compose.yaml", "the generated compose file", async () => await files.read(composePath));
  await add("state.json", "what the last `stack up` applied", async () => await files.read(statePath));
  await add(
    "timings.json",
    "where the time of the last starts went",
    async () => await files.read(timingsPath),
  );
  await addContainers(deps, add, found);

  const mask = await createMask(deps);
  return { files: found.map((file) => ({ ...file, text: mask(file.text) })), missing };
}

type Add = (path: string, about: string, read: () => Promise<string | undefined>) => Promise<void>;

async function addContainers(deps: CollectDeps, add: Add, found: readonly ReportFile[]): Promise<void> {
  const { signal } = deps;
  await add("containers.json", "the project's containers, as the engine has them", async () => {
    const engine = await deps.engine();
    return json(await engine.containers((await deps.spec()).project));
  });
  if (!found.some(({ path }) => path === "containers.json")) return;
  const engine = await deps.engine();
  for (const { id, service } of await engine.containers((await deps.spec()).project)) {
    await add(`logs/${service}.log`, `the last ${linesOfEach} lines of ${service}`, async () => {
      const lines: string[] = [];
      await engine.readLog(id, { tail: linesOfEach, follow: false, signal }, ({ at, stream, text }) =>
        lines.push(`${at} ${stream} ${text}\n`),
      );
      return lines.join("");
    });
  }
}

/** The stack's secrets and what the user's own settings and files hold by what they are, others by how they look. */
async function createMask({ files, engine, spec }: CollectDeps): Promise<(text: string) => string> {
  const kept = secretValuesIn((await files.read(secretsPath)) ?? "");
  const given = await secretsInUse(engine, spec).catch(() => []);
  const env = await spec()
    .then((found) => found.env)
    .catch(() => ({}));
  const values = Object.values<Readonly<Record<string, string>>>(env).flatMap(Object.values<string>);
  const own = await secretValuesOf(files);
  const redact = createRedactor([...kept, ...given, ...values, ...own]);
  return (text) => maskLikelySecrets(redact(text));
}

/** What the containers were given: the secrets file may be gone, or a newer one. */
async function secretsInUse(
  reach: CollectDeps["engine"],
  spec: CollectDeps["spec"],
): Promise<readonly string[]> {
  const engine = await reach();
  const containers = await engine.containers((await spec()).project);
  const given = await Promise.all(containers.map(async ({ id }) => await engine.environment(id)));
  return given.flatMap((env) =>
    Object.entries(env).flatMap(([name, value]) => (/PASSWORD|SECRET|TOKEN|KEY/u.test(name) ? [value] : [])),
  );
}

function json(value: unknown): string {
  return `${JSON.stringify(value, undefined, 2)}\n`;
}
