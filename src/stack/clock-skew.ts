// Of S3, and of Airflow to a task whose token has expired, or begins in the future, by the API server's clock.
const words =
  /RequestTimeTooSkewed|difference between the request time and the server's time|Invalid auth token/iu;

/** Whether what a service said comes of two clocks that differ. */
export function tellsOfClocks(text: string): boolean {
  return words.test(text);
}

export const clockHint =
  "Set the clocks right: `stack doctor` compares the engine's with this machine's, `docker exec CONTAINER date` shows a container's, and `sudo timedatectl set-ntp true` has this machine's follow the network; then run `stack up`.";

const tolerableSkewMs = 5000;

/** By how much the clock of the engine's machine differs from this one's, in words; undefined for next to nothing. */
export function describeSkew(engineMs: number, nowMs: number): string | undefined {
  const skewMs = engineMs - nowMs;
  if (Number.isNaN(skewMs) || Math.abs(skewMs) <= tolerableSkewMs) return undefined;
  const seconds = Math.round(Math.abs(skewMs) / 1000);
  return `the engine's clock is ${seconds} s ${skewMs > 0 ? "ahead of" : "behind"} this machine's`;
}
