import type { projectFolders } from "../services/airflow-common.ts";
import { networkEnv } from "../services/airflow-env.ts";
import { airflowHome, certificatesMount } from "../services/airflow-paths.ts";
import type { Machine } from "./machine.ts";

/** What a container on this engine sees. */
export interface ContainerView {
  readonly userId: number | undefined;
  readonly freeDiskBytes: number | undefined;
  readonly freeMemoryBytes: number | undefined;
  /** Folders of the project, each with whether the container's user can read all in it. */
  readonly folders: Readonly<Record<string, boolean>>;
  /** Whether it can resolve a name of the internet. */
  readonly resolves: boolean | undefined;
  /** curl's exit code for a call over TLS; 60 is a certificate that isn't trusted. */
  readonly tlsExitCode: number | undefined;
}

/** A name that tasks with requirements of their own look up. */
export const outsideName = "pypi.org";

function scriptFor(folders: readonly string[]): string {
  return `say() { echo "stack-doctor $*"; }
say user "$(id -u)"
say disk "$(df -kP / | tail -n 1)"
say memory "$(grep MemAvailable: /proc/meminfo)"
for dir in ${folders.join(" ")}; do
  if find "$dir" -maxdepth 4 ! -readable 2>&1 | grep -q .; then readable=no; else readable=yes; fi
  say folder "\${dir##*/}" $readable
done
timeout 5 getent hosts ${outsideName} >/dev/null && say resolves yes || say resolves no
curl --silent --output /dev/null --max-time 5 https://${outsideName}/simple/; say tls $?`;
}

/** Looks out of a container of one image; undefined when the engine can't run it. */
export async function lookFromContainer(
  machine: Machine,
  { image, folders, certificates, env, signal }: ViewRequest,
): Promise<ContainerView | undefined> {
  const mounts = Object.fromEntries(folders.map(({ name, path }) => [`${airflowHome}/${name}`, path]));
  const script = scriptFor(Object.keys(mounts));
  const given = certificates === undefined ? {} : { [certificatesMount]: certificates };
  const trusted = { ...networkEnv({ hasCertificates: certificates !== undefined }), ...trustOf(env) };
  const request = { image, script, mounts: { ...mounts, ...given }, env: trusted };
  const { stdout } = await machine.runOnce(request, signal);
  const lines = stdout.split("\n").flatMap((line) => {
    const [mark, name = "", ...words] = line.trim().split(/\s+/u);
    return mark === "stack-doctor" ? [[name, words] as const] : [];
  });
  if (lines.length === 0) return undefined;
  const wordsOf = (name: string): readonly string[] => lines.find(([one]) => one === name)?.[1] ?? [];
  const numberAt = (name: string, index: number, unit = 1): number | undefined => {
    const word = wordsOf(name)[index];
    return word !== undefined && /^\d+$/u.test(word) ? Number(word) * unit : undefined;
  };
  const [resolves] = wordsOf("resolves");
  return {
    userId: numberAt("user", 0),
    freeDiskBytes: numberAt("disk", 3, 1024),
    freeMemoryBytes: numberAt("memory", 1, 1024),
    folders: Object.fromEntries(
      lines.flatMap(([name, [folder = "", yes]]) => (name === "folder" ? [[folder, yes === "yes"]] : [])),
    ),
    resolves: resolves === undefined ? undefined : resolves === "yes",
    tlsExitCode: numberAt("tls", 0),
  };
}

const trust = new Set(["SSL_CERT_FILE", "CURL_CA_BUNDLE", "REQUESTS_CA_BUNDLE"]);

/** What decides whose certificates are trusted. */
function trustOf(env: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(env).filter(([name]) => trust.has(name)));
}

export interface ViewRequest {
  readonly image: string;
  readonly folders: readonly { readonly name: (typeof projectFolders)[number]; readonly path: string }[];
  /** The folder with the authorities that the last start gave to containers; undefined where there is none. */
  readonly certificates: string | undefined;
  /** The user's own variables for the service. */
  readonly env: Readonly<Record<string, string>>;
  readonly signal: AbortSignal;
}
