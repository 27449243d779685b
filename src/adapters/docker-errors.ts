import { StackError } from "../lib/errors.ts";

const unreachable: Readonly<Record<string, string>> = {
  ENOENT: "its socket doesn't exist, so it isn't running or isn't installed",
  ECONNREFUSED: "nothing listens at its address, so it isn't running",
  EACCES: "this user may not open its socket",
  EPERM: "this user may not open its socket",
  ENOTFOUND: "the name of its host isn't known",
  ETIMEDOUT: "its host doesn't answer",
  ECONNRESET: "it closed the connection",
  EPIPE: "it closed the connection",
  EPROTO: "it doesn't speak TLS there",
};

/** What dockerode throws, in our words. */
export function engineError(error: unknown, host: string | undefined): unknown {
  if (!(error instanceof Error)) return error;
  const code = "code" in error && typeof error.code === "string" ? error.code : "";
  const why = unreachable[code] ?? whyNotTrusted(error, code);
  if (why !== undefined || error.message.includes("socket hang up")) {
    const where = host ?? "unix:///var/run/docker.sock";
    return new StackError(
      "ENGINE_UNREACHABLE",
      `The Docker engine at ${where} doesn't answer: ${why ?? "it closed the connection"}.`,
      {
        cause: error,
        hint:
          code === "EACCES" || code === "EPERM"
            ? "Add the user to the group `docker` and log in again, or run the command as root."
            : "Start it: `scripts/engine.sh` on Debian as root, `systemctl start docker`, or Docker Desktop.",
        facts: { host: where, reason: code },
      },
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

/** Of TLS and SSH, which both end where the two sides can't prove who they are. */
function whyNotTrusted(error: Error, code: string): string | undefined {
  if (/^ERR_(?:TLS|SSL|OSSL)_|CERT|SIGNATURE/u.test(code))
    return `its certificate or ours isn't accepted, ${error.message}`;
  return "level" in error && String(error.level).startsWith("client-")
    ? `SSH can't log in to its host, ${error.message}`
    : undefined;
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
