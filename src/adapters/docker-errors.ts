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

/** For certificates that DOCKER_TLS_VERIFY asks for, or that a context has, and nobody can read. */
export function certificatesError(
  of: { readonly folder: string } | { readonly context: string },
  cause: unknown,
): StackError {
  return new StackError(
    "ENGINE_UNREACHABLE",
    `The certificates for the Docker engine can't be read: ${cause instanceof Error ? cause.message : String(cause)}.`,
    {
      cause,
      hint:
        "folder" in of
          ? "Put ca.pem, cert.pem and key.pem into the folder that DOCKER_CERT_PATH names, or unset DOCKER_TLS_VERIFY and DOCKER_CERT_PATH."
          : `Give the Docker context its certificates again, \`docker context update ${of.context} --docker host=...,ca=ca.pem,cert=cert.pem,key=key.pem\`, or choose another with \`docker context use\`.`,
      facts: of,
    },
  );
}

/** For a context that is chosen and that `docker` can't tell anything of. */
export function contextError(context: string, words: string): StackError {
  // `context "far": context not found: open /home/me/.docker/...: no such file or directory`
  const last = words.trim().split("\n").at(-1) ?? "";
  const reason = last.replace(/^context "[^"]*": /u, "").replace(/: open \/.*$/u, "");
  return new StackError("ENGINE_UNREACHABLE", `The Docker context "${context}" can't be used: ${reason}.`, {
    hint: "Choose one that `docker context ls` lists with `docker context use`, or unset DOCKER_CONTEXT.",
    facts: { context },
  });
}

/** For an address that isn't one. */
export function addressError(host: string): StackError {
  return new StackError("ENGINE_UNREACHABLE", `The address of the Docker engine isn't one: "${host}".`, {
    hint: "Correct DOCKER_HOST or the Docker context, for example to unix:///var/run/docker.sock, tcp://host:2375 or ssh://user@host.",
    facts: { host },
  });
}
