import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { output, repository, run } from "../test/support/run.ts";
import { judge, parseAccepted, statusOf, type Accepted } from "./accepted.ts";
import { npmAnswer, pipAnswer, type Answer } from "./findings.ts";
import { installTools, type Tools } from "./tools.ts";
import { verdictLines } from "./verdict-text.ts";

const usage = `Lists the known vulnerabilities of what is locked, but for those in supply-chain/accepted.json.

  node supply-chain/audit.ts [--json]

npm audit and pip-audit ask their own sources; PIP_AUDIT_VULNERABILITY_SERVICE=osv has the latter ask OSV.
Status: 0 nothing new, 1 a finding that nobody accepted or an entry that holds no more, 3 a source did not answer: then
nothing is known of the files that it names, which is no success.
`;
const npmLock = "package-lock.json";
const { values: flags } = parseArgs({
  options: { json: { type: "boolean", default: false }, help: { type: "boolean", default: false } },
});

async function read(file: string): Promise<string> {
  return await readFile(join(repository, file), "utf8");
}

async function askNpm(): Promise<Answer> {
  const { stdout } = await run("npm", ["audit", "--json", "--package-lock-only"], { cwd: repository });
  return npmAnswer(npmLock, JSON.parse(stdout), JSON.parse(await read(npmLock)));
}

async function askPip(file: string, tools: Tools): Promise<Answer> {
  const options = ["--disable-pip", "--require-hashes", "--progress-spinner", "off", "--format", "json"];
  const { stdout, stderr } = await tools.python("-m", "pip_audit", ...options, "-r", join(repository, file));
  if (stdout.trim() === "") return pipSilence(file, lastLine(stderr));
  return pipAnswer(file, JSON.parse(stdout));
}

function pipSilence(file: string, why: string): Answer {
  return { in: file, source: "pip-audit", findings: [], unanswered: [why] };
}

/** The shortest first: a source that knows nothing of it is not asked about the hundreds in the others. */
async function pythonLocks(): Promise<readonly string[]> {
  const tracked = await output("git", ["ls-files", "*.lock"], repository);
  const locks = await Promise.all(
    tracked
      .trim()
      .split("\n")
      .map(async (file) => ({ file, bytes: (await read(file)).length })),
  );
  return locks.toSorted((a, b) => a.bytes - b.bytes).map(({ file }) => file);
}

async function askAllPip(): Promise<readonly Answer[]> {
  const locks = await pythonLocks();
  let tools: Tools;
  try {
    tools = await installTools();
  } catch (error) {
    const reason = error instanceof Error ? lastLine(error.message) : String(error);
    return locks.map((file) => pipSilence(file, reason));
  }
  const answers: Answer[] = [];
  try {
    for (const file of locks) {
      const isDeaf = answers[0] !== undefined && answers[0].unanswered.length > 0;
      const unasked = pipSilence(file, "not asked, since the source did not answer before");
      answers.push(isDeaf ? unasked : await askPip(file, tools));
    }
  } finally {
    await tools.remove();
  }
  return answers;
}

function lastLine(text: string): string {
  return text.trim().split("\n").at(-1) ?? "";
}

async function pinsOf(accepted: readonly Accepted[]): Promise<ReadonlyMap<string, string>> {
  const files = new Set(accepted.filter(({ pinned }) => pinned !== undefined).map((one) => one.in));
  return new Map(await Promise.all([...files].map(async (file) => [file, await read(file)] as const)));
}

if (flags.help) console.log(usage);
else {
  const answers = [await askNpm(), ...(await askAllPip())];
  const accepted = parseAccepted(JSON.parse(await read("supply-chain/accepted.json")));
  const today = new Date().toISOString().slice(0, 10);
  const verdict = judge(answers, accepted, { today, pins: await pinsOf(accepted) });
  console.log(flags.json ? JSON.stringify(verdict, undefined, 2) : verdictLines(verdict).join("\n"));
  process.exitCode = statusOf(verdict);
}
