import { createInterface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks on stderr, since stdout is for data; undefined when no terminal is there to answer. */
export async function askYesOrNo(question: string, signal: AbortSignal): Promise<boolean | undefined> {
  const answer = await ask(`${question} [y/N] `, { output: process.stderr }, signal);
  return answer === undefined ? undefined : /^y(?:es)?$/iu.test(answer.trim());
}

/** The same for a secret: nothing of what is typed is shown. */
export async function askSecret(question: string, signal: AbortSignal): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  process.stderr.write(question);
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  try {
    // As a terminal, the interface and not the system shows what is typed.
    return await ask("", { output: nowhere, terminal: true }, signal);
  } finally {
    process.stderr.write("\n");
  }
}

async function ask(
  question: string,
  options: { readonly output: NodeJS.WritableStream; readonly terminal?: boolean },
  signal: AbortSignal,
): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, ...options });
  try {
    return await terminal.question(question, { signal });
  } finally {
    terminal.close();
  }
}
