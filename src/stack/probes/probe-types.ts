/** Why a hop fails, in one word that scripts can rely on. */
export type ProbeCause =
  | "host-not-allowed"
  | "name-not-resolved"
  | "connection-refused"
  | "no-answer"
  | "certificate-expired"
  | "certificate-untrusted"
  | "wrong-url"
  | "method-refused"
  | "bad-credentials"
  | "login-locked"
  | "bucket-missing"
  | "secret-mismatch"
  | "clock-skew"
  | "unexpected-answer";

/** One call that a pipeline depends on, made from where the pipeline makes it. */
export interface ProbeResult {
  /** "airflow", "mlflow", or "host" for this machine. */
  readonly from: string;
  readonly to: string;
  /** "unknown" when the container has nothing to make the call with, as an image of the user's may. */
  readonly outcome: "ok" | "failed" | "unknown";
  readonly cause: ProbeCause | undefined;
  /** What came back; empty when all is well. */
  readonly detail: string;
  /** The next action; empty when all is well. */
  readonly fix: string;
  readonly durationMs: number;
}

/** What a hop comes to, before it is known how long it took. */
export type Verdict = Pick<ProbeResult, "outcome" | "cause" | "detail" | "fix">;

export const passed: Verdict = { outcome: "ok", cause: undefined, detail: "", fix: "" };

export function failed(cause: ProbeCause, detail: string, fix: string): Verdict {
  return { outcome: "failed", cause, detail, fix };
}
