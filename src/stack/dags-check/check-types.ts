export interface CheckedDag {
  readonly dagId: string;
  /** Path in the project: "dags/a.py". */
  readonly file: string;
  readonly tasks: number;
}

export interface ImportFault {
  readonly file: string;
  /** Of the project's own code, nearest to the fault. */
  readonly line: number | undefined;
  /** Python's last words: "ModuleNotFoundError: No module named 'x'". */
  readonly message: string;
  /** The end of the stack trace. */
  readonly trace: readonly string[];
}

/** A name that Airflow 3 moved or dropped. */
export interface UpgradeFinding {
  readonly file: string;
  readonly line: number;
  /** The rule: "AIR301". */
  readonly code: string;
  /** "breaks" on Airflow 3; "deprecated" still works there, and goes later. */
  readonly kind: "breaks" | "deprecated";
  readonly message: string;
  /** What to write instead; undefined where there is nothing. */
  readonly replacement: string | undefined;
}

export interface DagsCheckResult {
  /** The version that imported the DAGs. */
  readonly airflow: string;
  readonly dags: readonly CheckedDag[];
  readonly errors: readonly ImportFault[];
  readonly upgrades: readonly UpgradeFinding[];
  readonly elapsedMs: number;
}
