import type { AirflowClient } from "./airflow-client.ts";

export const layoutNames = ["stack", "diy"] as const;
export type LayoutName = (typeof layoutNames)[number];

export interface Ports {
  readonly airflow: number;
  readonly mlflow: number;
  readonly s3: number;
  readonly console: number;
}

/** One way to run the services, on a project and ports of its own. */
export interface Layout {
  readonly name: LayoutName;
  /** The Compose project. */
  readonly project: string;
  readonly dagsDir: string;
  /** Starts everything and returns once all is healthy and has answered a real call. */
  start(): Promise<void>;
  /** Stops and removes the containers; the data stays. */
  stop(): Promise<void>;
  /** Removes everything, the data too. */
  destroy(): Promise<void>;
  /** Runs the command line on this project; only the stack has one. */
  cli(...args: readonly string[]): Promise<string>;
  /** Puts the housing data where the tutorial looks for it. */
  installDataset(): Promise<void>;
  airflow(): Promise<AirflowClient>;
}
