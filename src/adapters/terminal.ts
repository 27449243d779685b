import { createInterface, type Interface } from "node:readline/promises";
import { Writable } from "node:stream";

/** Asks on stderr, since stdout is for data; undefined when no terminal is there to answer. */
export async function askYesOrNo(question: string, signal: AbortSignal): Promise<boolean | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const terminal = createInterface({ input: process.stdin, output: process.stderr });
  const answer = await ask(terminal, `${question} [y/N] `, signal);
  return /^y(?:es)?$/iu.test(answer.trim());
}

/** The same for a secret: nothing of what is typed is shown. */
export async function askSecret(question: string, signal: AbortSignal): Promise<string | undefined> {
  if (!process.stdin.isTTY) return undefined;
  const nowhere = new Writable({
    write: (_chunk, _encoding, done) => {
      done();
    },
  });
  // From here on the interface and no longer the system shows what is typed; the question comes after that.
  const terminal = createInterface({ input: process.stdin, output: nowhere, terminal: true });
  process.stderr.write(question);
  try {
    return await ask(terminal, "", signal);
  } finally {
    process.stderr.write("\n");
  }
}

async function ask(terminal: Interface, question: string, signal: AbortSignal): Promise<string> {
  try {
    return await terminal.question(question, { signal });
  } finally {
    terminal.close();
  }
}
