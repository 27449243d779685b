import { StackError } from "../lib/errors.ts";
import { troubleOf } from "./docker-trouble.ts";

/** What dockerode throws, in our words. */
export function engineError(error: unknown, host: string | undefined): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const where = host ?? "unix:///var/run/docker.sock";
  const trouble = troubleOf(error, code, where);
  if (trouble !== undefined) {
    const { isSilent, why, fix } = trouble;
    return new StackError(
      "ENGINE_UNREACHABLE",
      `The Docker engine at ${where} ${isSilent ? "doesn't answer" : "can't be talked to"}: ${why}.`,
      { cause: error, hint: fix, facts: { host: where, reason: code } },
    );
  }
  if ("statusCode" in error) {
    return new StackError("COMPOSE_FAILED", `The Docker engine refused a request: ${error.message}.`, {
      cause: error,
      hint: "Run the command again; if it stays, the engine's own log says more.",
    });
  }
  return error;
}

/** For certificates that DOCKER_TLS_VERIFY asks for and nobody can read. */
export function certificatesError(folder: string, cause: unknown): StackError {
  const reason = cause instanceof Error ? cause.message : String(cause);
  return new StackError(
    "ENGINE_UNREACHABLE",
    `The certificates for the Docker engine can't be read: ${reason}.`,
    {
      cause,
      hint: "Put ca.pem, cert.pem and key.pem into the folder that DOCKER_CERT_PATH names, or unset DOCKER_TLS_VERIFY and DOCKER_CERT_PATH.",
      facts: { folder },
    },
  );
}

/** For an address that isn't one. */
export function addressError(host: string): StackError {
  return new StackError("ENGINE_UNREACHABLE", `The address of the Docker engine isn't one: "${host}".`, {
    hint: "Correct DOCKER_HOST or the Docker context, for example to unix:///var/run/docker.sock, tcp://host:2375 or ssh://user@host.",
    facts: { host },
  });
}
