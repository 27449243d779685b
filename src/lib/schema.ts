import * as v from "valibot";
import type { ErrorCode } from "./error-table.ts";
import { StackError } from "./errors.ts";

export { v };

/**
 * `value` as the schema's type; `what` names the value in the error: "Airflow's answer to GET /dags".
 * Fails with INTERNAL unless `code` says whose fault a wrong shape is.
 */
export function parseShape<TSchema extends v.GenericSchema>(
  schema: TSchema,
  value: unknown,
  what: string,
  code: ErrorCode = "INTERNAL",
): v.InferOutput<TSchema> {
  const result = v.safeParse(schema, value);
  if (result.success) return result.output;
  const problems = result.issues.map(problemFromIssue);
  throw new StackError(code, `${what} does not have the expected form: ${problems.join("; ")}.`, {
    facts: { problems },
  });
}

function problemFromIssue(issue: v.BaseIssue<unknown>): string {
  const path = v.getDotPath(issue);
  return path === null ? issue.message : `${path}: ${issue.message}`;
}
