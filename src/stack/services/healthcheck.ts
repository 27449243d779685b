import type { ComposeHealthcheck } from "../compose-types.ts";

/**
 * Notices readiness within half a second of it while the service starts, and is quiet afterwards.
 * `start_interval` holds only within `start_period`, so that is as long as the slowest start may take.
 */
export function healthcheck(test: readonly string[]): ComposeHealthcheck {
  return {
    test,
    interval: "10s",
    timeout: "5s",
    retries: 3,
    start_period: "180s",
    start_interval: "400ms",
  };
}

/** Asks an HTTP endpoint of the container itself, without starting an interpreter. */
export function httpHealthcheck(url: string): ComposeHealthcheck {
  return healthcheck(["CMD", "curl", "--fail", "--silent", "--max-time", "4", "--output", "/dev/null", url]);
}
