import type { ComposeConfig, ComposeService } from "../compose-types.ts";
import type { ImageName, StackSpec } from "../spec.ts";

/** What a service contributes to the compose file. */
export interface ServiceDefinition {
  readonly services: Readonly<Record<string, ComposeService>>;
  /** Named volumes that it keeps data in. */
  readonly volumes: readonly string[];
  readonly configs: Readonly<Record<string, ComposeConfig>>;
}

/** What a service needs to know besides the spec. */
export interface ServiceInputs {
  readonly spec: StackSpec;
  /** The reference to run for each image: ours by fingerprint, or the user's own. */
  readonly images: Readonly<Record<ImageName, string>>;
  /** The project folder, absolute. */
  readonly projectDir: string;
  /** Whether certificate authorities for containers lie in the generated folder; default false. */
  readonly hasCertificates?: boolean;
  /** The names that the project's .env sets; undefined without such a file. */
  readonly envNames?: readonly string[] | undefined;
  /** The engine's memory; unknown without asking it, and then there are no limits but those of `spec`. */
  readonly memoryBytes?: number;
  /** Where containers reach this machine, when MLflow and S3 are to answer there too. */
  readonly hostGateway?: string | undefined;
}

export type DefineService = (inputs: ServiceInputs) => ServiceDefinition;

/** The image of a service; ours exist only on this engine, so nothing is pulled for them. */
export function imageOf(
  inputs: ServiceInputs,
  name: ImageName,
): Pick<ComposeService, "image" | "pull_policy"> {
  const image = inputs.images[name];
  return inputs.spec.images[name] === undefined ? { image, pull_policy: "never" } : { image };
}

/** A port published on this machine, and where containers reach it when that is wanted. */
export function published(inputs: ServiceInputs, port: number, target: number): readonly string[] {
  const hosts = [inputs.spec.host, ...(inputs.hostGateway === undefined ? [] : [inputs.hostGateway])];
  return hosts.map((host) => `${host}:${port}:${target}`);
}

/** Compose reads `$` as the start of a variable; a literal one is written twice. */
export function literal(text: string): string {
  return text.replaceAll("$", "$$$$");
}

/** The user's own variables of a service, taken literally. */
export function extraEnv(inputs: ServiceInputs, name: ImageName): Readonly<Record<string, string>> {
  return Object.fromEntries(
    Object.entries(inputs.spec.env[name]).map(([key, value]) => [key, literal(value)]),
  );
}
