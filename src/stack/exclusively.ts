import { StackError } from "../lib/errors.ts";

/** The command that changes a project's stack just now. */
export interface LockHolder {
  readonly verb: string;
  readonly pid: number;
}

/** Held by at most one process at a time. It ends with that process, however that ends. */
export interface ProjectLock {
  /** Takes it, or returns who has it. */
  acquire(verb: string): Promise<LockHolder | undefined>;
  release(): void;
}

/** Does `work` as the only command that changes this project's stack. Throws STACK_BUSY naming who else does. */
export async function exclusively<T>(lock: ProjectLock, verb: string, work: () => Promise<T>): Promise<T> {
  const holder = await lock.acquire(verb);
  if (holder !== undefined) {
    const { pid } = holder;
    throw new StackError(
      "STACK_BUSY",
      `\`stack ${holder.verb}\` (process ${pid}) is at work on this project's stack; nothing was touched.`,
      {
        hint: `Wait until it has ended, or end it with \`kill ${pid}\`; then run the command again.`,
        facts: { verb: holder.verb, pid },
      },
    );
  }
  try {
    return await work();
  } finally {
    lock.release();
  }
}
