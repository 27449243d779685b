import {
  readAnswer,
  sendCall,
  type AirflowAccount,
  type AirflowSession,
  type Unanswered,
} from "./airflow-session.ts";
import { v } from "../lib/schema.ts";

interface BasicSession extends AirflowSession {
  /** The answer as plain text. */
  askText(call: Unanswered): Promise<string>;
}

/** Calls Airflow with name and password in every request. Throws AIRFLOW_REFUSED with Airflow's own words. */
export function createBasicSession(account: AirflowAccount): BasicSession {
  const authorization = `Basic ${btoa(`${account.username}:${account.password}`)}`;
  return {
    ask: async (call) => readAnswer(call, await sendCall(account, call, { authorization })),
    askUnless: async (status, call) => {
      const response = await sendCall(account, call, { authorization });
      return response.status === status ? undefined : readAnswer(call, response);
    },
    askText: async (call) => {
      const response = await sendCall(account, call, { authorization, accept: "text/plain" });
      readAnswer({ ...call, answer: v.unknown() }, response);
      return response.text;
    },
  };
}
