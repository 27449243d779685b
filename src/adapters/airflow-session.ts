import { StackError } from "../lib/errors.ts";
import { requestJson, type Fetch, type JsonResponse } from "../lib/http.ts";
import { parseShape, v } from "../lib/schema.ts";
import { refusal, tokenAnswer } from "./airflow-wire.ts";

// Right after a start the API server still imports what an answer needs.
const REQUEST_TIMEOUT_MS = 30_000;

export interface AirflowAccount {
  /** Without a path: "http://127.0.0.1:8080". */
  readonly url: string;
  readonly username: string;
  readonly password: string;
  readonly fetch: Fetch;
}

export interface AirflowCall<TSchema extends v.GenericSchema> {
  readonly method?: "GET" | "POST" | "PUT" | "PATCH" | "DELETE";
  readonly path: string;
  readonly body?: unknown;
  readonly answer: TSchema;
  readonly signal?: AbortSignal | undefined;
}

export interface AirflowSession {
  ask<T extends v.GenericSchema>(call: AirflowCall<T>): Promise<v.InferOutput<T>>;
  /** As `ask`; undefined when Airflow refuses with `status`, where that is an answer too. */
  askUnless<T extends v.GenericSchema>(
    status: number,
    call: AirflowCall<T>,
  ): Promise<v.InferOutput<T> | undefined>;
}

export type Unanswered = Omit<AirflowCall<v.GenericSchema>, "answer">;

/**
 * Calls Airflow with a token that is fetched at the first call and renewed once when it is refused.
 * Throws AIRFLOW_REFUSED with Airflow's own words.
 */
export function createAirflowSession(account: AirflowAccount): AirflowSession {
  const { username, password } = account;
  // Shared by the calls that are under way.
  let login: Promise<string> | undefined;

  const send = async (call: Unanswered, token?: string): Promise<JsonResponse> =>
    await sendCall(account, call, token === undefined ? {} : { authorization: `Bearer ${token}` });

  const logIn = async (signal: AbortSignal | undefined): Promise<string> => {
    const path = "/auth/token";
    const response = await send({ method: "POST", path, body: { username, password }, signal });
    if (response.status >= 400) throw refused(`the login of ${username}`, response);
    return parseShape(tokenAnswer, response.json, "Airflow's answer to a login", "AIRFLOW_REFUSED")
      .access_token;
  };

  const openLogin = async (signal: AbortSignal | undefined): Promise<string> => {
    const mine = (login ??= logIn(signal));
    try {
      return await mine;
    } catch (error) {
      if (login === mine) login = undefined;
      throw error;
    }
  };

  const sendWithToken = async (call: Unanswered): Promise<JsonResponse> => {
    const before = login;
    const response = await send(call, await openLogin(call.signal));
    // A token ends after a day, and with every new signing key.
    if (response.status !== 401 || before === undefined) return response;
    if (login === before) login = undefined;
    return await send(call, await openLogin(call.signal));
  };

  return {
    ask: async (call) => readAnswer(call, await sendWithToken(call)),
    askUnless: async (status, call) => {
      const response = await sendWithToken(call);
      return response.status === status ? undefined : readAnswer(call, response);
    },
  };
}

/** One request with these headers; throws AIRFLOW_REFUSED when nothing answers. */
export async function sendCall(
  { url, fetch }: AirflowAccount,
  { method, path, body, signal }: Unanswered,
  headers: Readonly<Record<string, string>>,
): Promise<JsonResponse> {
  const timeoutMs = REQUEST_TIMEOUT_MS;
  const result = await requestJson({ fetch, url: url + path, method, headers, body, timeoutMs, signal });
  if (result.kind === "response") return result;
  throw new StackError("AIRFLOW_REFUSED", `Airflow at ${url} does not answer: ${result.message}.`, {
    hint: "Run `stack status` to see whether it is up.",
    cause: result.cause,
  });
}

/** The answer in the form that the call expects; throws AIRFLOW_REFUSED with Airflow's words when it is an error. */
export function readAnswer<T extends v.GenericSchema>(
  { method = "GET", path, answer }: AirflowCall<T>,
  response: JsonResponse,
) {
  const what = `${method} ${path}`;
  if (response.status >= 400) throw refused(what, response);
  return parseShape(answer, response.json, `Airflow's answer to ${what}`, "AIRFLOW_REFUSED");
}

function refused(what: string, { status, json, text }: JsonResponse): StackError {
  const parsed = v.safeParse(refusal, json);
  const detail = parsed.success ? (parsed.output.detail ?? parsed.output.title) : text;
  const words = typeof detail === "string" ? detail : JSON.stringify(detail);
  return new StackError(
    "AIRFLOW_REFUSED",
    `Airflow refused ${what}: ${words || "no reason given"} (${status}).`,
    { hint: hintFor(status, words), facts: { status } },
  );
}

function hintFor(status: number, words: string): string | undefined {
  // What a token is that was made, by Airflow's clock, in the future.
  if (status === 403 && words.includes("Invalid JWT token"))
    return "Airflow's clock was put back, or its signing key replaced, since this command logged in: run it again. `stack doctor` compares the clocks.";
  return status === 401
    ? "The admin password in .stack/ is not the one that Airflow was started with."
    : undefined;
}
