import { confined } from "./containment.ts";
import type { ComposeService } from "../compose-types.ts";
import { secretRef } from "../secrets.ts";
import { curl, healthcheck } from "./healthcheck.ts";
import { minioInit } from "./minio-init.ts";
import { extraEnv, published, type DefineService } from "./service.ts";

/** Where the other services reach S3. */
export const s3Url = "http://minio:9000";

/**
 * The object store. Our image makes the buckets, and a user who may use only these, by itself; for another one
 * a one-shot does.
 */
export const minio: DefineService = (inputs) => {
  const isOurs = inputs.spec.images.minio === undefined;
  const buckets = [...new Set([inputs.spec.bucket, ...inputs.spec.buckets])];
  const { host, ports } = inputs.spec;
  const provisioning = isOurs ? ownProvisioning(buckets) : {};
  const init = isOurs ? undefined : minioInit(inputs, buckets);
  return {
    services: {
      minio: {
        ...confined(inputs, "minio"),
        hostname: "minio",
        command: ["server", "/data", "--console-address", ":9001"],
        environment: {
          MINIO_ROOT_USER: secretRef("MINIO_ROOT_USER"),
          MINIO_ROOT_PASSWORD: secretRef("MINIO_ROOT_PASSWORD"),
          MINIO_UPDATE: "off",
          // MinIO's default lets the pages of every site call S3 from a browser.
          MINIO_API_CORS_ALLOW_ORIGIN: consoleOrigins(ports.console),
          ...provisioning,
          ...extraEnv(inputs, "minio"),
        },
        ports: [...published(inputs, ports.s3, 9000), `${host}:${ports.console}:9001`],
        volumes: ["minio-data:/data"],
        healthcheck: healthcheck({ test: isOurs ? ready : live }),
      },
      ...init?.services,
    },
    volumes: ["minio-data"],
    configs: init?.configs ?? {},
  };
};

// The official image has no curl, but the client.
const answers = curl("http://127.0.0.1:9000/minio/health/ready");
const live = `${answers} || mc ready local`;
const ready = `test -e /tmp/stack/ready && ${answers}`;

function consoleOrigins(port: number): string {
  return `http://localhost:${port},http://127.0.0.1:${port}`;
}

function ownProvisioning(buckets: readonly string[]): NonNullable<ComposeService["environment"]> {
  return {
    STACK_BUCKETS: buckets.join(" "),
    STACK_ACCESS_KEY: secretRef("S3_ACCESS_KEY"),
    STACK_SECRET_KEY: secretRef("S3_SECRET_KEY"),
  };
}
