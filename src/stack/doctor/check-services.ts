import { isFailed, isWell, judgeServices } from "../health.ts";
import type { Engine, PublishedPort } from "../ports.ts";
import { isLoopback } from "../open-ports.ts";
import { serviceTarget } from "../service-target.ts";
import { overridePath } from "../user-files/override.ts";
import type { StackSpec } from "../spec.ts";
import { ofStack, type Check } from "./check.ts";
import { minioFlaws } from "./minio-flaws.ts";

/** The containers of the last start; a stack that is down is well. */
export async function checkServices(spec: StackSpec, engine: Engine): Promise<readonly Check[]> {
  const containers = await engine.containers(spec.project);
  if (containers.length === 0) return [ofStack.ok("services", "the stack is down")];
  const { services, oneShots } = serviceTarget(spec);
  const health = judgeServices(services, oneShots, containers);
  if (health.every(isWell)) return [ofStack.ok("services", `all ${health.length} healthy`)];
  if (health.every((one) => isWell(one) || one.state === "paused")) {
    return [ofStack.warning("services", "the stack is paused", "stack resume")];
  }
  return health
    .filter((one) => !isWell(one))
    .map((one) => {
      const detail = one.detail === "" ? "" : ` (${one.detail.split("\n")[0] ?? ""})`;
      const text = `${one.state}${detail}`;
      return isFailed(one)
        ? ofStack.failure(`service ${one.service}`, text, `stack logs ${one.service}`)
        : ofStack.failure(`service ${one.service}`, text, "stack up");
    });
}

const flaws = `flaws that no release repairs (${minioFlaws.join(", ")})`;

/**
 * What is known against the MinIO that ships, and whether its ports, which are a part of its shield, are open. The
 * gateway is this machine's address among the containers, where no other machine calls.
 */
export function checkMinio(
  spec: StackSpec,
  published: readonly PublishedPort[] | undefined,
  gateway: string | undefined,
): Check {
  if (spec.images.minio !== undefined) {
    const text = `${spec.images.minio} is not the stack's own; whether it has ${flaws} is not known here`;
    return ofStack.warning("minio", text, "leave `images.minio` out of stack.yaml");
  }
  const ours = (published ?? []).filter(
    ({ project, service }) => project === spec.project && service === "minio",
  );
  const open = ours.filter(({ address }) => !isLoopback(address) && address !== gateway);
  if (open.length === 0) {
    const addresses = ours.length === 0 ? [spec.host] : [...new Set(ours.map(({ address }) => address))];
    const shield = `random keys, and ports on ${addresses.join(" and ")} alone`;
    return ofStack.ok("minio", `has ${flaws}; shielded by ${shield}`);
  }
  const text = `has ${flaws}, and port ${[...new Set(open.map(({ port }) => port))].join(", ")} is open to the network`;
  return ofStack.failure(
    "minio",
    text,
    `take it out of ${overridePath}, or bind it to 127.0.0.1; then: stack up`,
  );
}
