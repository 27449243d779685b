import type { ComposeHealthcheck } from "../compose-types.ts";
import { literal } from "./service.ts";

export interface HealthTest {
  /** Shell code that succeeds when the service is ready; what it prints is told when it isn't. */
  readonly test: string;
  readonly shell?: "sh" | "bash";
}

/**
 * One check waits for up to four seconds, so that a start costs one process in the container, is noticed within
 * a fifth of a second, and doesn't wake the engine again and again. `start_interval` holds only within `start_period`,
 * so that is as long as the slowest start may take.
 */
export function healthcheck({ test, shell = "sh" }: HealthTest): ComposeHealthcheck {
  const script = `n=0
until said=$( { ${test}; } 2>&1); do
  n=$((n + 1))
  [ $n -lt 20 ] || { printf '%s\\n' "$said"; exit 1; }
  sleep 0.2
done`;
  return {
    test: ["CMD", shell, "-c", literal(script)],
    interval: "30s",
    timeout: "10s",
    retries: 3,
    start_period: "180s",
    start_interval: "400ms",
  };
}

/** Asks an HTTP endpoint of the container itself, without starting an interpreter. */
export function httpHealthcheck(url: string): ComposeHealthcheck {
  return healthcheck({ test: curl(url) });
}

export function curl(url: string): string {
  return `curl --fail --silent --show-error --max-time 4 --output /dev/null ${url}`;
}
