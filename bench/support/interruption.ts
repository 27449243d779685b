/** Aborted when the bench is told to end; whatever waits gives up, so that it can clean up. */
export const interruption = new AbortController();

export function endOnSignals(): void {
  for (const signal of ["SIGINT", "SIGTERM"] as const) {
    process.on(signal, () => {
      interruption.abort(new Error(`interrupted by ${signal}`));
    });
  }
}
