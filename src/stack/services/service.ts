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
  /** Whether this machine's certificate authorities lie in the generated folder; default false. */
  readonly hasCertificates?: boolean;
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
