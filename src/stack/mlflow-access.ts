import { elsewhereOf, loginOf, tokenLogin, type MlflowLogin } from "./mlflow-spec.ts";
import type { Secrets } from "./secrets.ts";
import type { StackSpec } from "./spec.ts";

/** What it takes to call MLflow from this machine. */
export interface MlflowAccess {
  readonly url: string;
  /** The value of the header Authorization; undefined where no login is needed. */
  readonly authorization: string | undefined;
  readonly place: "here" | "elsewhere";
}

/** A password that isn't known is taken for empty. */
export type MlflowSecrets = Partial<Pick<Secrets, MlflowLogin["secret"]>>;

/** The MLflow of a stack, with the password that goes with it. */
export function mlflowAccess(spec: StackSpec, secrets: MlflowSecrets): MlflowAccess {
  const elsewhere = elsewhereOf(spec);
  const login = loginOf(spec);
  return {
    url: elsewhere?.url ?? `http://localhost:${spec.ports.mlflow}`,
    authorization: login && authorizationOf(login.user, secrets[login.secret] ?? ""),
    place: elsewhere === undefined ? "here" : "elsewhere",
  };
}

function authorizationOf(login: string, password: string): string {
  if (login === tokenLogin) return `Bearer ${password}`;
  const bytes = new TextEncoder().encode(`${login}:${password}`);
  return `Basic ${btoa(Array.from(bytes, (byte) => String.fromCodePoint(byte)).join(""))}`;
}
