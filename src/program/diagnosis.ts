import type { Command } from "commander";
import { dagAndTask, runId } from "./airflow-names.ts";
import { addVerb, age, examples, lineCount, ordinal, type Run } from "./command.ts";

interface LogsFlags {
  readonly follow?: boolean;
  readonly since?: number;
  readonly tail: number;
  readonly prefix: boolean;
  readonly timestamps?: boolean;
  readonly task?: readonly string[];
  readonly run?: string;
  readonly try?: number;
}

/** The commands for when something is wrong. */
export function addDiagnosisVerbs(program: Command, run: Run, version: string): void {
  addVerb(program, "doctor", "look for what keeps the stack from working, each with its fix")
    .addHelpText("after", examples(["stack doctor", "stack doctor --json"]))
    .action(
      run(async ({ context, output }) => {
        const { doctor } = await import("../commands/doctor.ts");
        const { report, failure } = await doctor(context);
        output.result("doctor", report, failure);
        return failure;
      }),
    );

  addVerb(program, "logs", "show what the services, or a task, wrote; secrets are masked")
    .argument("[service...]", "services, or Airflow's components, to show; all when there is none")
    .option("-f, --follow", "go on with what is written, until Ctrl-C")
    .option("--since <age>", "only lines that are younger: 90s, 10m, 2h, 3d", age)
    .option("--tail <lines>", 'last lines of each service to show, or "all"', lineCount, 200)
    .option("--no-prefix", "leave out the service's name before each line")
    .option("--timestamps", "put the time before each line")
    .option("--task <dag task...>", "show the log of a DAG's task instead, as Airflow has it")
    .option("--run <id>", "with --task: of this run, instead of the newest", runId)
    .option("--try <number>", "with --task: of this try, instead of the last", ordinal)
    .addHelpText(
      "after",
      examples([
        "stack logs",
        "stack logs mlflow --follow",
        "stack logs scheduler --since 10m --tail all",
        "stack logs --task mlflow_tutorial_dag scale_features",
      ]),
    )
    .action(
      run<LogsFlags>(async ({ context, output }, flags, services) => {
        const { logs, taskLogs } = await import("../commands/logs.ts");
        const { follow = false } = flags;
        const tail = Number.isFinite(flags.tail) ? flags.tail : undefined;
        if (flags.task !== undefined) {
          const [dagId, task] = dagAndTask([...flags.task, ...services]);
          const query = { dagId, task, runId: flags.run, tryNumber: flags.try, tail, follow };
          await taskLogs(context, query, output.line);
          return undefined;
        }
        const prefix = [
          ...(flags.prefix ? (["service"] as const) : []),
          ...(flags.timestamps === true ? (["time"] as const) : []),
        ];
        await logs(context, { services, tail, ageMs: flags.since, follow }, (line) => {
          output.line(line, prefix);
        });
        return undefined;
      }),
    );

  addReport(program, run, version);
}

function addReport(program: Command, run: Run, version: string): void {
  addVerb(program, "report", "write one archive for a bug report, with secrets masked")
    .option("--output <file>", "where to write it; else into .stack/")
    .addHelpText("after", examples(["stack report", "stack report --output report.tar.gz"]))
    .action(
      run<{ output?: string }>(async ({ context, output }, flags) => {
        const [{ report }, { doctor }, { status }] = await Promise.all([
          import("../commands/report.ts"),
          import("../commands/doctor.ts"),
          import("../commands/status.ts"),
        ]);
        const findings = {
          doctor: async () => (await doctor(context)).report,
          status: async () => (await status(context)).report,
        };
        output.result("report", await report(context, { target: flags.output, version }, findings));
        return undefined;
      }),
    );
}
