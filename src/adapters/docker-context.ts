import { join } from "node:path";
import { parseShape, v } from "../lib/schema.ts";

const endpoint = "docker";
const inspected = v.tuple([
  v.object({
    Endpoints: v.object({
      [endpoint]: v.object({ Host: v.optional(v.string()), SkipTLSVerify: v.optional(v.boolean()) }),
    }),
    TLSMaterial: v.optional(v.object({ [endpoint]: v.optional(v.array(v.string())) })),
    Storage: v.object({ TLSPath: v.string() }),
  }),
]);

export interface DockerContext {
  /** As in DOCKER_HOST; undefined is the default socket. */
  readonly host: string | undefined;
  readonly tlsFolder: string;
  /** Those of ca.pem, cert.pem and key.pem that the context has, in that folder. */
  readonly tlsFiles: readonly string[];
  /** Whether the engine has to prove who it is. */
  readonly isVerified: boolean;
}

/** From what `docker context inspect` prints of one context. */
export function parseContext(text: string): DockerContext {
  const shape = v.pipe(v.string(), v.parseJson(), inspected);
  const [{ Endpoints, TLSMaterial, Storage }] = parseShape(shape, text, "What `docker context inspect` says");
  const { Host: host = "", SkipTLSVerify: isUnverified = false } = Endpoints[endpoint];
  return {
    host: host === "" ? undefined : host,
    tlsFolder: join(Storage.TLSPath, endpoint),
    tlsFiles: TLSMaterial?.[endpoint] ?? [],
    isVerified: !isUnverified,
  };
}
