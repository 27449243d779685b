import type { Machine, Proxies } from "./machine.ts";
import { ofMachine, type Check } from "./check.ts";

/** Proxies that would swallow calls that must stay on this machine, or inside the stack. */
export async function checkProxies(machine: Machine, services: readonly string[]): Promise<Check> {
  const inContainers = await machine.containerProxies();
  const inside = missing(inContainers, services);
  if (inside.length > 0) {
    const text = `containers are given a proxy, by ~/.docker/config.json, that would take their calls to ${inside.join(", ")}`;
    const fix = `add ${inside.join(",")} to proxies.default.noProxy in ~/.docker/config.json`;
    return ofMachine.failure("proxies", text, fix);
  }
  const here = missing(machine.ownProxies, ["localhost"]);
  if (here.length > 0) {
    const text = "this command's calls to localhost go through a proxy";
    return ofMachine.failure("proxies", text, 'export NO_PROXY="$NO_PROXY,localhost"');
  }
  const names = Object.keys({ ...inContainers, ...machine.ownProxies });
  return ofMachine.ok("proxies", names.length === 0 ? "none in the way" : "none in the stack's own calls");
}

function missing(proxies: Proxies, hosts: readonly string[]): readonly string[] {
  // The stack's own calls are all plain HTTP.
  if (proxies["http_proxy"] === undefined) return [];
  const exempt = (proxies["no_proxy"] ?? "").split(/[\s,]+/u);
  return exempt.includes("*") ? [] : hosts.filter((host) => !exempt.includes(host));
}
