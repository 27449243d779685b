/** The part of the Compose format that the stack uses. */
export interface ComposeFile {
  readonly name: string;
  readonly services: Readonly<Record<string, ComposeService>>;
  readonly volumes: Readonly<Record<string, null>>;
  readonly configs: Readonly<Record<string, ComposeConfig>>;
  readonly networks?: Readonly<Record<string, ComposeNetwork>>;
}

export interface ComposeService {
  readonly image: string;
  /** Without it, Compose pulls an image that isn't there. */
  readonly pull_policy?: "never";
  readonly hostname?: string;
  readonly entrypoint?: readonly string[];
  readonly command?: readonly string[];
  readonly user?: string;
  readonly cap_drop?: readonly string[];
  readonly cap_add?: readonly string[];
  readonly security_opt?: readonly string[];
  /** Whether the image's own files can't be changed. */
  readonly read_only?: boolean;
  readonly pids_limit?: number;
  /** As "512m" or "8g". */
  readonly mem_limit?: string;
  readonly env_file?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  readonly ports?: readonly string[];
  readonly network_mode?: "bridge";
  readonly networks?: readonly string[];
  readonly volumes?: readonly (string | BindMount)[];
  /** Folders in memory, as "path:options". */
  readonly tmpfs?: readonly string[];
  readonly configs?: readonly ConfigMount[];
  readonly extra_hosts?: readonly string[];
  readonly depends_on?: Readonly<Record<string, Dependency>>;
  readonly healthcheck?: ComposeHealthcheck;
  readonly stop_grace_period?: string;
  readonly restart?: "no";
}

export interface BindMount {
  readonly type: "bind";
  readonly source: string;
  readonly target: string;
  readonly read_only: boolean;
}

export interface ComposeNetwork {
  /** Whether it has no way out. */
  readonly internal?: boolean;
}

export interface ComposeConfig {
  readonly content: string;
}

export interface ConfigMount {
  readonly source: string;
  readonly target: string;
  readonly uid?: string;
  /** Permission bits, which YAML shows in decimal: Compose takes a string for decimal or octal by version. */
  readonly mode?: number;
}

export interface Dependency {
  readonly condition: "service_healthy" | "service_completed_successfully" | "service_started";
}

export interface ComposeHealthcheck {
  readonly test: readonly string[];
  readonly interval: string;
  readonly timeout: string;
  readonly retries: number;
  readonly start_period: string;
  readonly start_interval: string;
}
