import { parseShape, v } from "../../lib/schema.ts";
import { StackError } from "../../lib/errors.ts";
import type { ExecResult } from "../ports.ts";
import type { CheckedDag, ImportFault, UpgradeFinding } from "./check-types.ts";

const importAnswer = v.object({
  airflow: v.string(),
  dags: v.array(v.object({ dagId: v.string(), file: v.string(), tasks: v.number() })),
  errors: v.array(v.object({ file: v.string(), trace: v.string() })),
});

const ruffAnswer = v.array(
  v.object({
    code: v.nullish(v.string()),
    filename: v.string(),
    location: v.object({ row: v.number() }),
    message: v.string(),
    fix: v.nullish(v.object({ message: v.nullish(v.string()) })),
  }),
);

const traceLines = 12;

interface ImportAnswer {
  readonly airflow: string;
  readonly dags: readonly CheckedDag[];
  readonly errors: readonly ImportFault[];
}

/** What compose/seed/check_dags.py printed. Throws DAG_IMPORT_FAILED when it couldn't even begin. */
export function readImports(result: ExecResult): ImportAnswer {
  const { airflow, dags, errors } = parseShape(
    importAnswer,
    jsonOf(result),
    "the answer of Airflow's DAG import",
  );
  return { airflow, dags, errors: errors.map(faultFrom) };
}

/** What ruff printed; files that aren't Python at all are the import's to report. */
export function readUpgrades(result: ExecResult): readonly UpgradeFinding[] {
  return parseShape(ruffAnswer, jsonOf(result), "ruff's answer").flatMap(
    ({ code, filename, location, message, fix }) => {
      if (code === undefined || code === null) return [];
      return [
        {
          file: filename.replace(/^.*?\/(?=(?:dags|include|plugins)\/)/u, ""),
          line: location.row,
          code,
          kind: code.startsWith("AIR30") ? ("breaks" as const) : ("deprecated" as const),
          message: message.replaceAll("`", "").replace(/\.$/u, ""),
          replacement: fix?.message?.replaceAll("`", "").replace(/\.$/u, "") ?? undefined,
        },
      ];
    },
  );
}

function jsonOf({ exitCode, stdout, stderr }: ExecResult): unknown {
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson()), stdout);
  if (exitCode === 0 && parsed.success) return parsed.output;
  const log = stderr
    .split("\n")
    .filter((line) => line.trim() !== "")
    .slice(-traceLines);
  throw new StackError(
    "DAG_IMPORT_FAILED",
    `The DAGs could not be checked: ${log.at(-1) ?? "no reason given"}.`,
    {
      hint: "Correct the cause shown above and run `stack dags check` again.",
      facts: { exitCode, log },
    },
  );
}

function faultFrom({ file, trace }: { readonly file: string; readonly trace: string }): ImportFault {
  const lines = trace.trimEnd().split("\n");
  const frame = lines.findLast((line) => line.includes(`${file}", line `));
  const digits = frame === undefined ? undefined : /", line (\d+)/u.exec(frame)?.[1];
  return {
    file,
    line: digits === undefined ? undefined : Number(digits),
    message: lines.at(-1)?.trim() ?? "no reason given",
    trace: lines.slice(-traceLines),
  };
}
