import type { ExecResult } from "../ports.ts";

export interface OneOff {
  readonly image: string;
  /** Runs in `sh -c`. */
  readonly script: string;
  /** Folders of this machine, read-only at paths in the container. */
  readonly mounts: Readonly<Record<string, string>>;
  readonly env: Readonly<Record<string, string>>;
}

/** Proxy variables by their name in lower case: `http_proxy`, `https_proxy`, `no_proxy`. */
export type Proxies = Readonly<Record<string, string>>;

/** This machine, as far as only a diagnosis needs to know it. */
export interface Machine {
  readonly nodeVersion: string;
  /** "linux 6.1.0 x64". */
  readonly system: string;
  /** The command that starts an engine here, or installs one. */
  readonly startEngine: string;
  /** The command that installs the docker client's plugins, or newer ones. */
  readonly installDocker: string;
  /** The command that lets this user use the engine. */
  readonly openEngine: string;
  /** Version of the `docker` command; undefined when it isn't installed. */
  clientVersion(): Promise<string | undefined>;
  /** What the `docker` client gives each container that it makes. */
  containerProxies(): Promise<Proxies>;
  /** Those that this very process goes through; empty when it goes through none. */
  readonly ownProxies: Proxies;
  /** Runs a script in a container of its own, which is gone afterwards. Any exit code is a result. */
  runOnce(request: OneOff, signal: AbortSignal): Promise<ExecResult>;
}
