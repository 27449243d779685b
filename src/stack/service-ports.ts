/** The interfaces of the running services, as the stack room needs them. */

/** "unknown" when the component has never reported. */
export interface ComponentHealth {
  readonly name: "metadatabase" | "scheduler" | "triggerer" | "dag_processor";
  readonly status: "healthy" | "unhealthy" | "unknown";
  /** ISO 8601; undefined for a component without a heartbeat. */
  readonly latestHeartbeat: string | undefined;
}

export interface Dag {
  readonly dagId: string;
  readonly isPaused: boolean;
  readonly hasImportErrors: boolean;
  /** Path below the DAG folder. */
  readonly file: string;
  /** What `parseFile` takes. */
  readonly fileToken: string;
  /** ISO 8601; when it was last parsed. */
  readonly lastParsed: string | undefined;
}

export type RunState = "queued" | "running" | "success" | "failed";

export interface DagRun {
  readonly dagId: string;
  readonly runId: string;
  readonly state: RunState;
  /** ISO 8601. */
  readonly startedAt: string | undefined;
  readonly endedAt: string | undefined;
}

export interface TaskInstance {
  readonly taskId: string;
  /** Which copy of a mapped task; -1 when it is not mapped. */
  readonly mapIndex: number;
  /** Airflow's word ("success", "up_for_retry", ...), or "none" before it is scheduled. */
  readonly state: string;
  readonly tryNumber: number;
}

export interface TaskTry extends Pick<TaskInstance, "taskId" | "mapIndex" | "tryNumber"> {
  readonly dagId: string;
  readonly runId: string;
}

export interface ImportError {
  /** Path below the DAG folder. */
  readonly file: string;
  readonly stackTrace: string;
  /** ISO 8601. */
  readonly timestamp: string;
}

export interface AirflowConnection {
  readonly id: string;
  /** Airflow's word: "http", "aws", "generic". */
  readonly type: string;
  readonly host: string | undefined;
  readonly port: number | undefined;
  readonly login: string | undefined;
  readonly password: string | undefined;
  readonly schema: string | undefined;
  /** JSON. */
  readonly extra: string | undefined;
  readonly description: string | undefined;
}

/** What Airflow keeps in its database for DAGs to use. */
export interface AirflowObjects {
  readonly connections: readonly AirflowConnection[];
  readonly variables: readonly { readonly key: string; readonly value: string }[];
  readonly pools: readonly {
    readonly name: string;
    readonly slots: number;
    readonly description: string | undefined;
  }[];
}

/** Airflow's REST API. Throws AIRFLOW_REFUSED with what it answered. */
export interface Airflow {
  components(signal?: AbortSignal): Promise<readonly ComponentHealth[]>;
  dags(signal?: AbortSignal): Promise<readonly Dag[]>;
  /** Undefined for a DAG that Airflow doesn't know, or that has left its file. */
  dag(dagId: string, signal?: AbortSignal): Promise<Dag | undefined>;
  importErrors(signal?: AbortSignal): Promise<readonly ImportError[]>;
  /** Creates or overwrites them; others stay. */
  putObjects(objects: AirflowObjects, signal?: AbortSignal): Promise<void>;
  parseFile(fileToken: string, signal?: AbortSignal): Promise<void>;
  unpause(dagId: string, signal?: AbortSignal): Promise<void>;
  trigger(dagId: string, signal?: AbortSignal, conf?: Readonly<Record<string, string>>): Promise<DagRun>;
  /** Forgets a DAG with all its runs; one that isn't there is no error. Its file has to be gone before, and no task at work. */
  deleteDag(dagId: string, signal?: AbortSignal): Promise<void>;
  dagRun(dagId: string, runId: string, signal?: AbortSignal): Promise<DagRun>;
  /** The newest runs over all DAGs, or of one, newest first. */
  latestRuns(limit: number, signal?: AbortSignal, dagId?: string): Promise<readonly DagRun[]>;
  /** The runs that this run started by updating assets; none before Airflow has got to it. */
  runsStartedBy(
    dagId: string,
    runId: string,
    signal?: AbortSignal,
  ): Promise<readonly Pick<DagRun, "dagId" | "runId">[]>;
  taskInstances(dagId: string, runId: string, signal?: AbortSignal): Promise<readonly TaskInstance[]>;
  /** The lines one try of a task wrote, Python traces included. */
  taskLog(task: TaskTry, signal?: AbortSignal): Promise<readonly string[]>;
}

export interface Experiment {
  readonly experimentId: string;
  readonly name: string;
  readonly artifactLocation: string;
}

export interface MlflowRun {
  readonly runId: string;
  readonly experimentId: string;
  readonly name: string;
  /** MLflow's word: "RUNNING", "FINISHED", "FAILED", ... */
  readonly status: string;
  readonly metrics: Readonly<Record<string, number>>;
  readonly params: Readonly<Record<string, string>>;
  readonly tags: Readonly<Record<string, string>>;
  /** Where the run's artifacts lie, as "s3://bucket/1/<run id>/artifacts". */
  readonly artifactUri: string;
  /** Ids of the logged models ("m-..."), the outputs of the run. */
  readonly modelIds: readonly string[];
}

export interface RegisteredModel {
  readonly name: string;
  readonly tags: Readonly<Record<string, string>>;
  /** The version that each alias points to. */
  readonly aliases: Readonly<Record<string, string>>;
}

export interface ModelVersion {
  readonly version: string;
  /** The run that logged the model. */
  readonly runId: string;
  /** MLflow's word: "READY", "PENDING_REGISTRATION", ... */
  readonly status: string;
}

export interface Artifact {
  readonly path: string;
  readonly bytes: number;
}

/** MLflow's REST API. Throws MLFLOW_REFUSED with what it answered, or the code of why it didn't. */
export interface Mlflow {
  /** The smallest question that only good credentials get an answer to. */
  ping(signal?: AbortSignal): Promise<void>;
  experiments(signal?: AbortSignal): Promise<readonly Experiment[]>;
  /** Finished, running and failed runs that match an MLflow filter, newest first. */
  runs(
    query: { readonly experimentIds: readonly string[]; readonly filter?: string },
    signal?: AbortSignal,
  ): Promise<readonly MlflowRun[]>;
  /** Marks an experiment with all its runs as deleted. */
  deleteExperiment(experimentId: string, signal?: AbortSignal): Promise<void>;
  registeredModels(signal?: AbortSignal): Promise<readonly RegisteredModel[]>;
  /** The status of a POST to "/", which is what the Test button of Airflow's connection page sends. */
  testButtonStatus(signal?: AbortSignal): Promise<number>;
  /** None for a name that isn't registered. */
  modelVersions(name: string, signal?: AbortSignal): Promise<readonly ModelVersion[]>;
  /** The files at the top of a run's artifacts. */
  artifacts(runId: string, signal?: AbortSignal): Promise<readonly Artifact[]>;
}

export interface StoredObject {
  readonly key: string;
  readonly bytes: number;
  /** ISO 8601. */
  readonly modifiedAt: string;
}

/** The object store. Throws STORAGE_REFUSED, or BUCKET_NOT_FOUND. */
export interface ObjectStore {
  buckets(signal?: AbortSignal): Promise<readonly string[]>;
  /** Every object below a prefix, over all pages. */
  objects(bucket: string, prefix?: string, signal?: AbortSignal): Promise<readonly StoredObject[]>;
  read(bucket: string, key: string, signal?: AbortSignal): Promise<Uint8Array>;
}
