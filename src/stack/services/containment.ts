import type { ComposeNetwork, ComposeService } from "../compose-types.ts";
import type { ImageName } from "../spec.ts";
import { imageOf, type ServiceInputs } from "./service.ts";

const mib = 1024 ** 2;

// Entry points of official images begin as root: they take the data folder over, become the service's own user, and
// pass a stop on to it. Ours begin as that user.
const rootStart = ["CHOWN", "DAC_OVERRIDE", "FOWNER", "KILL", "SETGID", "SETUID"];

interface Bounds {
  /** Of the engine's memory. They needn't add up to one: each is there to keep one service from taking all. */
  readonly memoryShare: number;
  readonly pids: number;
}
/** Airflow's are for tasks too: any of its containers may be the one that runs them. */
const bounds: Readonly<Record<ImageName, Bounds>> = {
  airflow: { memoryShare: 3 / 4, pids: 4096 },
  mlflow: { memoryShare: 1 / 2, pids: 1024 },
  postgres: { memoryShare: 1 / 2, pids: 1024 },
  minio: { memoryShare: 1 / 2, pids: 1024 },
};

// The user of our image. What is mounted over a folder keeps the folder's mode, but not its owner.
const ofPostgres = (folder: string): string => `${folder}:uid=999,gid=999`;
/**
 * Where ours write to besides their volumes: to memory. The rest is read-only, but not Airflow's, whose tasks keep files
 * wherever they may.
 */
const inMemory: Readonly<Record<ImageName, readonly string[] | undefined>> = {
  airflow: undefined,
  mlflow: ["/tmp"],
  postgres: ["/tmp", ...["/run/postgresql", "/docker-entrypoint-initdb.d"].map(ofPostgres)],
  minio: ["/tmp"],
};

/** PostgreSQL's network has no way out; who uses it is on the default one too, which leads to the ports and the internet. */
export const databaseNetwork = "database";
export const networks: Readonly<Record<string, ComposeNetwork>> = {
  default: {},
  [databaseNetwork]: { internal: true },
};
const networksOf: Readonly<Record<ImageName, readonly string[]>> = {
  airflow: ["default", databaseNetwork],
  mlflow: ["default", databaseNetwork],
  minio: ["default"],
  postgres: [databaseNetwork],
};

/** A container of a service: its image, and the least that it needs to be allowed. */
export function confined(inputs: ServiceInputs, name: ImageName): ComposeService {
  const isOurs = inputs.spec.images[name] === undefined;
  const memory = memoryLimit(inputs, name);
  const tmpfs = inMemory[name];
  return {
    ...imageOf(inputs, name),
    cap_drop: ["ALL"],
    ...(isOurs ? {} : { cap_add: rootStart }),
    security_opt: ["no-new-privileges:true"],
    ...(isOurs && tmpfs !== undefined ? { read_only: true, tmpfs } : {}),
    pids_limit: bounds[name].pids,
    ...(memory === undefined ? {} : { mem_limit: memory }),
    networks: networksOf[name],
  };
}

/** In steps, so that an engine whose memory differs by a little at each boot has the same limits. */
function memoryLimit({ spec, memoryBytes }: ServiceInputs, name: ImageName): string | undefined {
  const given = spec.memory[name];
  if (given !== undefined || memoryBytes === undefined) return given;
  const step = 256;
  return `${Math.floor((memoryBytes * bounds[name].memoryShare) / mib / step) * step}m`;
}
