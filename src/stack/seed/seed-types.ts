import type { Clock } from "../../lib/clock.ts";
import type { Emit } from "../events.ts";
import type { Line } from "../lines.ts";
import type { MlflowElsewhere } from "../mlflow-spec.ts";
import type { BundledFiles } from "../bundled-files.ts";
import type { Compose, ProjectFiles } from "../ports.ts";
import type { Airflow, Mlflow, ObjectStore, RunState } from "../service-ports.ts";

/** Where the running stack is. */
export interface SeedTarget {
  readonly bucket: string;
  readonly project: string;
  /** The Compose service whose container has Airflow's data folder. */
  readonly airflowService: string;
  /** The project's DAG folder, relative to it: "dags". */
  readonly dagsDir: string;
  readonly line: Line;
  readonly endpoints: { readonly airflow: string; readonly mlflow: string; readonly console: string };
  /** Undefined for the stack's own MLflow. */
  readonly mlflow: MlflowElsewhere | undefined;
}

/** What it takes to have a DAG read and run. */
export interface RunDeps {
  readonly airflow: Airflow;
  readonly files: ProjectFiles;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  readonly target: Pick<SeedTarget, "dagsDir" | "line" | "endpoints">;
}

export interface SeedDeps extends RunDeps {
  readonly mlflow: Mlflow;
  readonly store: ObjectStore;
  readonly compose: Pick<Compose, "exec">;
  readonly bundled: BundledFiles;
  readonly target: SeedTarget;
}

export interface SeedOptions {
  /** DAG ids; none means the tutorial, and "all" every DAG that ships with the tool. */
  readonly dags: readonly string[] | "all";
  /** A file with the raw housing rows, put in place first. */
  readonly dataset: string | undefined;
  /** Without it the DAGs are put in place and parsed, no more. */
  readonly run: boolean;
  /** For everything together. */
  readonly timeoutMs: number;
}

export interface InstalledDataset {
  readonly file: string;
  readonly rows: number;
}

/** How the DAG's file came to be where it is; "own" is a file that doesn't ship with the tool. */
export type Placement = "copied" | "unchanged" | "edited" | "own";

export interface SeededTask {
  readonly taskId: string;
  readonly state: string;
}

export interface SeededRun {
  readonly runId: string;
  readonly state: RunState;
  /** From its start to its end, as seen from here. */
  readonly durationMs: number;
  readonly tasks: readonly SeededTask[];
}

/** One thing that was looked at where it lies. */
export interface Check {
  readonly name: string;
  readonly outcome: "passed" | "failed";
  readonly expected: string;
  readonly found: string;
}

export interface Link {
  readonly title: string;
  readonly url: string;
}

/** What was found of one run. */
export interface Verified {
  /** Empty for a DAG whose results nobody here knows. */
  readonly checks: readonly Check[];
  /** What the run says it worked on: "scikit-learn-data", "downloaded" or "generated-sample". */
  readonly datasetSource: string | undefined;
  readonly links: readonly Link[];
}

export interface SeededDag extends Verified {
  readonly dagId: string;
  /** Relative to the project folder. */
  readonly file: string;
  readonly placement: Placement;
  readonly run: SeededRun | undefined;
  /** The DAG whose run started this one by updating an asset; undefined when it was triggered from here. */
  readonly startedBy: string | undefined;
}

export interface SeedResult {
  readonly dataset: InstalledDataset | undefined;
  readonly dags: readonly SeededDag[];
}
