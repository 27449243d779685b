import { Command, CommanderError } from "commander";
import { StackError, toStackError } from "./lib/errors.ts";
import { examples, refuseTwice, type Run, type Session } from "./program/command.ts";
import { addDiagnosisVerbs } from "./program/diagnosis.ts";
import { addConnectionVerbs } from "./program/connecting.ts";
import { addLookingVerbs } from "./program/looking.ts";
import { addProjectVerbs } from "./program/project.ts";
import { addRunningVerbs } from "./program/running.ts";
import { addSecretsVerbs } from "./program/secrets.ts";
import type { SettingFlags } from "./stack/setting-sources.ts";

/** What is common to every command. */
interface CommonOptions {
  readonly projectDir: string;
  readonly color: boolean;
  readonly json?: boolean;
  readonly quiet?: boolean;
  readonly verbose?: boolean;
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
      // An option that a command and its group both know is given to the group.
      session = await deps.openSession(command.optsWithGlobals(), command.optsWithGlobals());
      status = (await work(session, command.optsWithGlobals(), command.args))?.status ?? 0;
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

function buildTree(run: Run, { version, writeOut }: ProgramDeps): Command {
  const program = new Command("stack")
    .description("Airflow, MLflow, MinIO and PostgreSQL together on this machine, proven to work together.")
    .version(version, "-V, --version", "print the version")
    .helpCommand("help [command]", "show the help of a command")
    .exitOverride()
    .configureOutput({ writeOut, writeErr: () => undefined })
    .addHelpText("after", examples(["stack up", "stack seed", "stack status", "stack down"]));
  addRunningVerbs(program, run);
  addLookingVerbs(program, run);
  addSecretsVerbs(program, run);
  addDiagnosisVerbs(program, run, version);
  addConnectionVerbs(program, run);
  addProjectVerbs(program, run);
  refuseTwice(program);
  return program;
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
