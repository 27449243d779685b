/** Why an engine can't be used, and what to do about it. */
export interface Trouble {
  /** Whether it says nothing at all, or can't be talked to. */
  readonly isSilent: boolean;
  readonly why: string;
  readonly fix: string;
}

const start = "Start it: `scripts/engine.sh` on Debian as root, `systemctl start docker`, or Docker Desktop.";
const address = "the address in DOCKER_HOST or in the Docker context, which `docker context ls` lists";
const closed = "it closed the connection";

/** Of what dockerode throws for an engine at `host`, with Node's code for it; undefined for an error of another kind. */
export function troubleOf(error: Error, code: string, host: string): Trouble | undefined {
  if (host.startsWith("unix:")) return socketTrouble(error, code);
  return host.startsWith("ssh:")
    ? sshTrouble(error, code, host)
    : (tlsTrouble(error, code) ?? hostTrouble(error, code));
}

function socketTrouble(error: Error, code: string): Trouble | undefined {
  if (code === "EACCES" || code === "EPERM") {
    const fix = "Add the user to the group `docker` and log in again, or run the command as root.";
    return { isSilent: true, why: "this user may not open its socket", fix };
  }
  const reasons: Readonly<Record<string, string>> = {
    ENOENT: "its socket doesn't exist, so it isn't running or isn't installed",
    ECONNREFUSED: "nothing listens at its address, so it isn't running",
  };
  const why = reasons[code] ?? (isHangUp(error, code) ? closed : undefined);
  return why === undefined ? undefined : { isSilent: true, why, fix: start };
}

const silentHosts: Readonly<Record<string, string>> = {
  ENOTFOUND: "the name of its host isn't known",
  EAI_AGAIN: "the name of its host can't be looked up",
  ETIMEDOUT: "its host doesn't answer",
  EHOSTUNREACH: "no way leads to its host",
  ENETUNREACH: "no way leads to its host",
};

function hostTrouble(error: Error, code: string): Trouble | undefined {
  const silent = silentHosts[code];
  if (silent !== undefined) {
    return {
      isSilent: true,
      why: silent,
      fix: `Look that the host is there and reachable, or correct ${address}.`,
    };
  }
  if (code === "ECONNREFUSED") {
    const why = "nothing listens at its address, so it isn't running there";
    return { isSilent: true, why, fix: `Start it on its host, or correct ${address}.` };
  }
  if (!isHangUp(error, code)) return undefined;
  return {
    isSilent: true,
    why: closed,
    fix: `Look that it runs on its host and, with TLS, that it accepts our certificate; or correct ${address}.`,
  };
}

const pems =
  "in the folder that DOCKER_CERT_PATH names (without it, the folder of Docker's configuration), or in the context by `docker context update`";

interface TlsTrouble {
  readonly code: RegExp;
  /** Followed by Node's own words. */
  readonly why: string;
  readonly fix: string;
}

/** The first that fits is it. */
const tlsTroubles: readonly TlsTrouble[] = [
  {
    code: /^EPROTO$|WRONG_VERSION_NUMBER/u,
    why: "it doesn't speak TLS there",
    fix: `Use the port on which it does, usually 2376, in ${address}; or leave TLS out by unsetting DOCKER_TLS_VERIFY.`,
  },
  {
    code: /^CERT_(?:HAS_EXPIRED|NOT_YET_VALID)$/u,
    why: "its certificate isn't valid now",
    fix: "Renew the engine's certificate, or set this machine's clock.",
  },
  {
    code: /^ERR_TLS_CERT_ALTNAME_INVALID$|^HOSTNAME_MISMATCH$/u,
    why: "its certificate is for another name",
    fix: `Use a name that the certificate is for in ${address}.`,
  },
  {
    code: /ALERT_.*CERTIFICATE|ALERT_(?:UNKNOWN_CA|ACCESS_DENIED|DECRYPT_ERROR)/u,
    why: "it doesn't accept our certificate",
    fix: `Have cert.pem and key.pem that the engine's authority signed ${pems}.`,
  },
  {
    code: /^ERR_OSSL_|KEY_VALUES_MISMATCH/u,
    why: "our certificates can't be used",
    fix: `Have a sound ca.pem, and a cert.pem and key.pem that belong together, ${pems}.`,
  },
  {
    code: /^ERR_(?:TLS|SSL)_/u,
    why: "TLS with it doesn't come about",
    fix: "Look at the engine's own log, and at its settings of TLS.",
  },
  {
    code: /CERT|SIGNATURE|^INVALID_(?:CA|PURPOSE)$/u,
    why: "its certificate isn't signed by an authority that is trusted here",
    fix: `Have the authority's certificate as ca.pem ${pems}.`,
  },
];

function tlsTrouble({ message }: Error, code: string): Trouble | undefined {
  if (message.includes("HTTP request to an HTTPS server")) {
    const fix = `Set DOCKER_TLS_VERIFY=1 and have ca.pem, cert.pem and key.pem ${pems}.`;
    return { isSilent: false, why: "it speaks TLS there, and was asked without", fix };
  }
  const found = tlsTroubles.find((one) => one.code.test(code));
  return found && { isSilent: false, why: `${found.why}, ${message}`, fix: found.fix };
}

function sshTrouble(error: Error, code: string, host: string): Trouble | undefined {
  const level = "level" in error ? String(error.level) : "";
  if (level === "client-authentication") {
    return {
      isSilent: false,
      why: `SSH can't log in to its host, ${error.message}`,
      // The connection reads no key files.
      fix: 'Give the key to an SSH agent, `eval "$(ssh-agent)"` and `ssh-add`, and run the command again from there.',
    };
  }
  const silent = silentHosts[code];
  if (silent !== undefined || code === "ECONNREFUSED" || level.startsWith("client-")) {
    const why = silent ?? (code === "ECONNREFUSED" ? "nothing listens for SSH there" : error.message);
    return { isSilent: true, why, fix: `Look that \`ssh ${host}\` gets there, or correct ${address}.` };
  }
  if (!isHangUp(error, code)) return undefined;
  return {
    isSilent: true,
    why: closed,
    fix: `Look that \`ssh ${host} docker info\` answers: Docker has to be installed and to run there.`,
  };
}

function isHangUp({ message }: Error, code: string): boolean {
  return code === "ECONNRESET" || code === "EPIPE" || message.includes("socket hang up");
}
