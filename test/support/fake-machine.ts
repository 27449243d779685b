import type { Machine, OneOff, Proxies } from "../../src/stack/doctor/machine.ts";
import type { ExecResult } from "../../src/stack/ports.ts";

export interface FakeMachine extends Machine {
  client: string | undefined;
  proxies: Proxies;
  ownProxies: Proxies;
  /** What a container of its own prints; the time is the clock's unless it is said here. */
  view: (request: OneOff) => ExecResult;
}

/** A Debian machine with nothing wrong about it. */
export function createFakeMachine(): FakeMachine {
  const machine: FakeMachine = {
    nodeVersion: "24.0.0",
    system: "linux 6.12.0 x64",
    startEngine: "sudo systemctl start docker",
    installDocker: "sudo scripts/engine.sh",
    openEngine: "sudo usermod --append --groups docker me",
    client: "28.2.2",
    proxies: {},
    ownProxies: {},
    view: (request) => ({ exitCode: 0, stdout: viewText(request), stderr: "" }),
    clientVersion: async () => machine.client,
    containerProxies: async () => machine.proxies,
    runOnce: async (request) => machine.view(request),
  };
  return machine;
}

/** What the look out of a container prints, with `change` in place of some lines. */
export function viewText({ mounts }: OneOff, change: Readonly<Record<string, string>> = {}): string {
  const lines = {
    user: "50000",
    disk: "overlay 264212084 28470184 67031080 30% /",
    memory: "MemAvailable: 19818484 kB",
    resolves: "yes",
    tls: "0",
    ...change,
  };
  const folders = Object.keys(mounts).map((path) => path.split("/").at(-1) ?? "");
  return [
    ...Object.entries(lines).map(([name, words]) => `stack-doctor ${name} ${words}`),
    ...folders.map((name) => `stack-doctor folder ${name} ${change[`folder ${name}`] ?? "yes"}`),
    "",
  ].join("\n");
}
