import type { System } from "../ports.ts";

const dayS = 86_400;

/**
 * A token such as the scheduler hands to a task, signed with the secret that its container was given; for a
 * task that doesn't exist. Valid a day before and after now: it is about the secret, and the engine's clock may be
 * another than this machine's. Form: airflow/api_fastapi/auth/tokens.py of Airflow 3.3.
 */
export function executionToken(
  secret: string,
  nowMs: number,
  { randomBytes, sign }: Pick<System, "randomBytes" | "sign">,
): string {
  const nowS = Math.floor(nowMs / 1000);
  const claims = {
    sub: uuidFrom(randomBytes(16)),
    aud: "urn:airflow.apache.org:task",
    scope: "execution",
    iat: nowS - dayS,
    nbf: nowS - dayS,
    exp: nowS + dayS,
  };
  const text = `${encode({ alg: "HS512", typ: "JWT", kid: "not-used" })}.${encode(claims)}`;
  return `${text}.${sign(secret, text)}`;
}

function encode(value: object): string {
  return btoa(JSON.stringify(value)).replaceAll("+", "-").replaceAll("/", "_").replaceAll("=", "");
}

function uuidFrom(bytes: Uint8Array): string {
  const hex = Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
  // Version 4, variant 1, as the API insists on a well-formed one.
  return [
    hex.slice(0, 8),
    hex.slice(8, 12),
    `4${hex.slice(13, 16)}`,
    `8${hex.slice(17, 20)}`,
    hex.slice(20),
  ].join("-");
}
