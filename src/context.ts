import { fileURLToPath } from "node:url";
import type { Archiver } from "./stack/report/archive.ts";
import type { Machine } from "./stack/doctor/machine.ts";
import type { AirflowAccount } from "./adapters/airflow-session.ts";
import type { Clock } from "./lib/clock.ts";
import { realClock } from "./adapters/clock.ts";
import { readCertificates } from "./stack/certificates.ts";
import { endpointsOf } from "./stack/endpoints.ts";
import type { Emit } from "./stack/events.ts";
import { exclusively } from "./stack/exclusively.ts";
import type { ImageBuilder } from "./stack/image-builder.ts";
import type { Line } from "./stack/lines.ts";
import { mlflowAccess, type MlflowSecrets } from "./stack/mlflow-access.ts";
import { machineFromContainers } from "./stack/mlflow-spec.ts";
import type { BundledFiles } from "./stack/bundled-files.ts";
import type { Compose, Engine, ProjectFiles, System } from "./stack/ports.ts";
import type { Project } from "./stack/project.ts";
import { openProject } from "./stack/project.ts";
import { variablePrefix, type Secrets } from "./stack/secrets.ts";
import type { Airflow, Mlflow, ObjectStore } from "./stack/service-ports.ts";
import { airflowHome, canaryFolder } from "./stack/services/airflow-paths.ts";
import type { SettingFlags } from "./stack/setting-sources.ts";
import type { StackSpec } from "./stack/spec.ts";
import { lockPath } from "./stack/stack-folder.ts";

export { passwordVariable } from "./stack/mlflow-spec.ts";

export interface ServiceClients {
  readonly airflow: Airflow;
  readonly mlflow: Mlflow;
  readonly store: ObjectStore;
}

/** Everything a command may use. What is heavy to load is loaded by the first command that asks for it. */
export interface Context {
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** The caller's environment. */
  readonly env: Readonly<Record<string, string | undefined>>;
  files(): Promise<ProjectFiles>;
  /** Another project's folder. Throws CONFIG_NOT_FOUND. */
  filesAt(dir: string): Promise<ProjectFiles>;
  project(): Promise<Project>;
  bundled(): Promise<BundledFiles>;
  system(): Promise<System>;
  machine(): Promise<Machine>;
  archiver(): Promise<Archiver>;
  engine(): Promise<Engine>;
  compose(): Promise<Compose>;
  builder(): Promise<ImageBuilder>;
  /** This machine's bundle of certificate authorities: its path, if there is one. */
  caFile(): Promise<string | undefined>;
  /** Does `work` as the only command that changes this project's stack. Throws STACK_BUSY. */
  exclusively<T>(verb: string, work: () => Promise<T>): Promise<T>;
  clients(spec: StackSpec, secrets: Secrets): Promise<ServiceClients>;
  /** A client for MLflow alone, with the passwords that are given. */
  mlflow(spec: StackSpec, secrets: MlflowSecrets): Promise<Mlflow>;
  /** What the user types without its being shown; undefined when there is nobody to ask. */
  askSecret(question: string): Promise<string | undefined>;
  /** The answer to a yes-or-no question; undefined when there is nobody to ask. */
  confirm(question: string): Promise<boolean | undefined>;
}

export interface ContextOptions {
  readonly projectDir: string;
  readonly flags: SettingFlags;
  readonly env: NodeJS.ProcessEnv;
  readonly emit: Emit;
  readonly signal: AbortSignal;
}

/** The folder that the tool is installed in: dist/ and src/ both lie right below it. */
const installedAt = fileURLToPath(new URL("..", import.meta.url));

/** Builds each adapter at most once. */
export function createContext({ projectDir, flags, env, emit, signal }: ContextOptions): Context {
  const filesAt = async (dir: string): Promise<ProjectFiles> => {
    const { createProjectFiles } = await import("./adapters/project-files.ts");
    return createProjectFiles(dir);
  };
  const files = once(async () => await filesAt(projectDir));
  const system = once(async () => {
    const { createSystem } = await import("./adapters/system.ts");
    return createSystem();
  });
  const caFile = once(async () => {
    const { findCaFile } = await import("./adapters/image-builder.ts");
    return await findCaFile(env);
  });
  const createMlflow: Context["mlflow"] = async (spec, secrets) => {
    const { createMlflowApi } = await import("./adapters/mlflow-api.ts");
    const access = mlflowAccess(spec, secrets);
    const { createLocalFetch, createWebFetch } = await import("./adapters/http-fetch.ts");
    if (access.place === "here") return createMlflowApi({ ...access, fetch: createLocalFetch() });
    const sources = { files: await files(), caFile: await caFile(), system: await system() };
    const authorities = await readCertificates(spec, sources);
    return createMlflowApi({
      ...access,
      fetch: createWebFetch({ authorities, ownName: machineFromContainers, env }),
    });
  };
  return {
    clock: realClock,
    emit,
    signal,
    env,
    files,
    filesAt,
    project: once(async () => await openProject(await files(), env, flags)),
    bundled: once(async () => {
      const { createBundledFiles } = await import("./adapters/bundled-files.ts");
      return createBundledFiles(installedAt);
    }),
    system,
    machine: once(async () => {
      const { createMachine } = await import("./adapters/machine.ts");
      return createMachine({ env, engineScript: `${installedAt}scripts/engine.sh` });
    }),
    archiver: once(async () => {
      const { createArchiver } = await import("./adapters/archive.ts");
      return createArchiver(realClock.nowMs);
    }),
    engine: once(async () => {
      const { leaveOutUnused } = await import("./adapters/docker-lean.ts");
      leaveOutUnused();
      const [{ findDockerEndpoint }, { createDockerEngine }] = await Promise.all([
        import("./adapters/docker-host.ts"),
        import("./adapters/docker-engine.ts"),
      ]);
      const { host, tls } = await findDockerEndpoint(env);
      return createDockerEngine(host, { tls, sshAgent: env["SSH_AUTH_SOCK"] });
    }),
    compose: once(async () => {
      const { createComposeCli } = await import("./adapters/compose-cli.ts");
      return createComposeCli({ dir: (await files()).dir, env, hiddenPrefix: variablePrefix });
    }),
    builder: once(async () => {
      const { createImageBuilder } = await import("./adapters/image-builder.ts");
      return createImageBuilder({ rootImageScript: `${installedAt}scripts/base-image.sh`, env });
    }),
    caFile,
    exclusively: async (verb, work) => {
      const { createProjectLock } = await import("./adapters/project-lock.ts");
      const lock = createProjectLock((await files()).absolute(lockPath));
      return await exclusively(lock, verb, work);
    },
    clients: async (spec, secrets) => {
      const [connectAirflow, { createLocalFetch }, { createLateStore }] = await Promise.all([
        loadAirflow(spec.line),
        import("./adapters/http-fetch.ts"),
        import("./adapters/late-store.ts"),
      ]);
      const endpoints = endpointsOf(spec);
      return {
        airflow: connectAirflow({
          url: endpoints.airflow,
          username: "admin",
          password: secrets.AIRFLOW_ADMIN_PASSWORD,
          fetch: createLocalFetch(),
        }),
        mlflow: await createMlflow(spec, secrets),
        store: createLateStore(async () => {
          const { createS3Store } = await import("./adapters/s3.ts");
          return createS3Store({
            endpoint: endpoints.s3,
            accessKeyId: secrets.MINIO_ROOT_USER,
            secretAccessKey: secrets.MINIO_ROOT_PASSWORD,
            region: "us-east-1",
          });
        }),
      };
    },
    mlflow: createMlflow,
    askSecret: async (question) => {
      const { askSecret } = await import("./adapters/terminal.ts");
      return await askSecret(question, signal);
    },
    confirm: async (question) => {
      const { askYesOrNo } = await import("./adapters/terminal.ts");
      return await askYesOrNo(question, signal);
    },
  };
}

/** What speaks the API of the line's Airflow. */
async function loadAirflow(line: Line): Promise<(account: AirflowAccount) => Airflow> {
  if (line === "current") return (await import("./adapters/airflow-api.ts")).createAirflowApi;
  const { createClassicAirflowApi } = await import("./adapters/airflow-classic-api.ts");
  const dagFolders = [canaryFolder(line), `${airflowHome}/dags`];
  return (account) => createClassicAirflowApi({ ...account, dagFolders });
}

function once<T>(make: () => Promise<T>): () => Promise<T> {
  let made: Promise<T> | undefined;
  return async () => await (made ??= make());
}
