import { Command, CommanderError, InvalidArgumentError } from "commander";
import type { Context } from "./context.ts";
import { StackError, toStackError } from "./lib/errors.ts";
import type { Output } from "./output/output.ts";
import type { SettingFlags } from "./stack/setting-sources.ts";

/** What is common to every command. */
interface CommonOptions {
  readonly projectDir: string;
  readonly color: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
}

interface Session {
  readonly context: Context;
  readonly output: Output;
}

export interface ProgramDeps {
  readonly version: string;
  readonly openSession: (options: CommonOptions, flags: SettingFlags) => Promise<Session>;
  readonly writeOut: (text: string) => void;
}

/** Runs one command line, `argv` without the interpreter and script. Returns the exit status; never throws. */
export async function runProgram(argv: readonly string[], deps: ProgramDeps): Promise<number> {
  let session: Session | undefined;
  let status = 0;

  const run: Run =
    (work) =>
    async (...given) => {
      const command = given.at(-1);
      if (!(command instanceof Command)) throw new TypeError("commander gave no command");
      session = await deps.openSession(command.opts(), command.opts());
      status = (await work(session, command.opts(), command.args))?.status ?? 0;
    };

  const program = buildTree(run, deps);
  try {
    await program.parseAsync(argv.length === 0 ? ["--help"] : argv, { from: "user" });
    return status;
  } catch (error) {
    if (error instanceof CommanderError && error.exitCode === 0) return 0;
    const failure = error instanceof CommanderError ? usageError(error) : toStackError(error);
    session ??= await deps.openSession(
      { projectDir: ".", color: !argv.includes("--no-color"), json: argv.includes("--json") },
      {},
    );
    session.output.error(failure);
    return failure.status;
  }
}

/** What a command does; returns why the status isn't 0 although there is a result. */
type Work<Flags> = (
  session: Session,
  flags: Flags,
  args: readonly string[],
) => Promise<StackError | undefined>;
type Run = <Flags extends object>(work: Work<Flags>) => (...given: unknown[]) => Promise<void>;

interface UpFlags {
  readonly dryRun?: boolean;
  readonly build: boolean;
  readonly timeout: number;
}

interface SeedFlags {
  readonly dataset?: string;
  readonly run: boolean;
  readonly timeout: number;
}

function buildTree(run: Run, { version, writeOut }: ProgramDeps): Command {
  const program = new Command("stack")
    .description("Airflow, MLflow, MinIO and PostgreSQL together on this machine, proven to work together.")
    .version(version, "-V, --version", "print the version")
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride()
    .configureOutput({ writeOut, writeErr: () => undefined })
    .addHelpText("after", examples(["stack up", "stack seed", "stack status", "stack down"]));

  verb(program, "up", "build, start and check the stack; a second time it changes nothing")
    .option("--project <name>", "name of the Compose project")
    .option("--port <name=number>", "port for airflow, mlflow, s3 or console; repeatable", collect)
    .option("--bucket <name>", "bucket for MLflow's artifacts")
    .option("--image <name=reference>", "image for airflow, mlflow, minio or postgres; repeatable", collect)
    .option("--dry-run", "print the compose file and change nothing")
    .option("--no-build", "fail when an image is missing instead of building it")
    .option("--timeout <seconds>", "longest wait for healthy services", seconds, 300)
    .addHelpText("after", examples(["stack up", "stack up --port airflow=18080", "stack up --dry-run"]))
    .action(
      run<UpFlags>(async ({ context, output }, { dryRun, build, timeout }) => {
        const { dryRunUp, up } = await import("./commands/up.ts");
        if (dryRun === true) output.text(await dryRunUp(context));
        else output.result("up", await up(context, { build, timeoutMs: timeout * 1000 }));
        return undefined;
      }),
    );

  verb(program, "seed", "run the tutorial DAG and verify what it left in MLflow and the bucket")
    .argument("[dag...]", "DAGs to run")
    .option("--dataset <file>", "California housing data (cal_housing.data) to put in place first")
    .option("--no-run", "put the DAGs in place without running them")
    .option("--timeout <seconds>", "longest wait for the runs", seconds, 600)
    .addHelpText(
      "after",
      examples(["stack seed", "stack seed --dataset cal_housing.data", "stack seed my_dag"]),
    )
    .action(
      run<SeedFlags>(async ({ context, output }, { dataset, run: shouldRun, timeout }, dags) => {
        const { seedCommand } = await import("./commands/seed.ts");
        output.result(
          "seed",
          await seedCommand(context, { dags, dataset, run: shouldRun, timeoutMs: timeout * 1000 }),
        );
        return undefined;
      }),
    );

  verb(program, "status", "show services, DAGs, MLflow's contents and the buckets")
    .option("--watch", "show it again every two seconds until Ctrl-C")
    .addHelpText("after", examples(["stack status", "stack status --json", "stack status --watch"]))
    .action(
      run<{ watch?: boolean }>(async ({ context, output }, { watch }) => {
        const { status, watchStatus } = await import("./commands/status.ts");
        if (watch === true) {
          await watchStatus(context, (report) => {
            output.frame("status", report);
          });
        }
        const { report, failure } = await status(context);
        output.result("status", report, failure);
        return failure;
      }),
    );

  verb(program, "down", "stop the stack and keep its data")
    .option("--volumes", "delete the data too, after a question")
    .option("--yes", "answer the question with yes")
    .addHelpText("after", examples(["stack down", "stack down --volumes --yes"]))
    .action(
      run<{ volumes?: boolean; yes?: boolean }>(
        async ({ context, output }, { volumes = false, yes = false }) => {
          const { down } = await import("./commands/down.ts");
          output.result("down", await down(context, { volumes, yes }));
          return undefined;
        },
      ),
    );

  verb(program, "secrets", "list the stack's secrets, or print one")
    .argument("[name]", "secret to print")
    .addHelpText("after", examples(["stack secrets", "stack secrets AIRFLOW_ADMIN_PASSWORD"]))
    .action(
      run(async ({ context, output }, _, [name]) => {
        const { secrets } = await import("./commands/secrets.ts");
        output.result("secrets", await secrets(context, name));
        return undefined;
      }),
    );
  return program;
}

function verb(program: Command, name: string, description: string): Command {
  return program
    .command(name)
    .description(description)
    .option("--project-dir <folder>", "folder with stack.yaml and dags/", ".")
    .option("--json", "print one JSON document on stdout")
    .option("--quiet", "print results and errors only")
    .option("--verbose", "print more about errors")
    .option("--no-color", "print without colours");
}

function examples(lines: readonly string[]): string {
  return `\nExamples:\n${lines.map((line) => `  $ ${line}`).join("\n")}`;
}

function collect(value: string, earlier: readonly string[] | undefined): readonly string[] {
  return [...(earlier ?? []), value];
}

const longestTimeout = 86_400;

function seconds(value: string): number {
  const number = Number(value);
  if (!/^\d+(?:\.\d+)?$/u.test(value) || number <= 0 || number > longestTimeout) {
    throw new InvalidArgumentError(`Give a number of seconds, at most ${longestTimeout}.`);
  }
  return number;
}

function usageError(error: CommanderError): StackError {
  // What `stack help nonsense` gives has no words of its own.
  const words = error.code === "commander.help" ? "there is no such command" : error.message;
  const message = words.replace(/^error: /u, "").replace(/\n+/gu, " ");
  return new StackError(
    "USAGE",
    `${message.charAt(0).toUpperCase()}${message.slice(1).replace(/\.$/u, "")}.`,
    {
      hint: "See `stack --help`, or `stack <command> --help`.",
    },
  );
}
