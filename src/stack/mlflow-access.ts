import { elsewhereOf, tokenLogin } from "./mlflow-spec.ts";
import type { Secrets } from "./secrets.ts";
import type { StackSpec } from "./spec.ts";

/** What it takes to call MLflow from this machine. */
export interface MlflowAccess {
  readonly url: string;
  /** The value of the header Authorization; undefined where no login is needed. */
  readonly authorization: string | undefined;
  readonly place: "here" | "elsewhere";
}

export type MlflowSecret = Pick<Secrets, "MLFLOW_ELSEWHERE_PASSWORD">;

/** The MLflow of a stack, with the password that goes with it. */
export function mlflowAccess(
  spec: StackSpec,
  { MLFLOW_ELSEWHERE_PASSWORD: password }: MlflowSecret,
): MlflowAccess {
  const elsewhere = elsewhereOf(spec);
  if (elsewhere === undefined) {
    return { url: `http://localhost:${spec.ports.mlflow}`, authorization: undefined, place: "here" };
  }
  const { url, login } = elsewhere;
  return {
    url,
    authorization: login === undefined ? undefined : authorizationOf(login, password),
    place: "elsewhere",
  };
}

function authorizationOf(login: string, password: string): string {
  if (login === tokenLogin) return `Bearer ${password}`;
  const bytes = new TextEncoder().encode(`${login}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(""))}`;
}
