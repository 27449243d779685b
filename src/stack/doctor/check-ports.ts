import { findHolder, type PortDeps } from "../port-holders.ts";
import type { ResolvedSpec } from "../resolve-spec.ts";
import { publishedPortNames } from "../spec.ts";
import { ofMachine, type Check } from "./check.ts";

/** Each port that the stack publishes, with whoever holds it. */
export async function checkPortHolders(
  { spec, chosenPorts }: ResolvedSpec,
  deps: PortDeps,
): Promise<readonly Check[]> {
  return await Promise.all(
    publishedPortNames(spec).map(async (name) => {
      const label = `port ${name}`;
      const port = spec.ports[name];
      const holder = await findHolder(spec, name, deps);
      if (holder === undefined) {
        const isOurs = deps.published.some((one) => one.port === port);
        return ofMachine.ok(label, isOurs ? `${port}, published by this stack` : `${port} is free`);
      }
      const text = `${port} is held by ${holder.who}`;
      if (!chosenPorts.includes(name)) {
        return ofMachine.warning(label, `${text}; the next start moves to a free port`, "stack up");
      }
      const fix = holder.stop ?? `stack up --port ${name}=${port + 1}`;
      return ofMachine.failure(label, text, fix);
    }),
  );
}
