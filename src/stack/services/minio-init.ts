import { secretRef } from "../secrets.ts";
import { confined } from "./containment.ts";
import { literal, type ServiceDefinition, type ServiceInputs } from "./service.ts";

/*
 * The policy is written each time: a bucket that was taken out of the settings is taken from the user as well. The rest
 * is done unless the service user can already list every bucket. Keys reach the client through its own
 * variables and standard input, so that no process list shows them.
 */
const prepareStore = `set -eu
export MC_CONFIG_DIR=/tmp/mc
export MC_HOST_root="http://$ROOT_USER:$ROOT_PASSWORD@minio:9000"
export MC_HOST_service="http://$ACCESS_KEY:$SECRET_KEY@minio:9000"
usable() { for bucket in $BUCKETS; do mc --quiet ls "service/$bucket" || return 1; done >/dev/null 2>&1; }
mc --quiet admin policy create root stack-buckets /etc/stack/policy.json
if usable; then echo "buckets and service user are there: $BUCKETS"; exit 0; fi
for bucket in $BUCKETS; do mc --quiet mb --ignore-existing "root/$bucket"; done
printf '%s\\n%s\\n' "$ACCESS_KEY" "$SECRET_KEY" | mc --quiet admin user add root >/dev/null
mc --quiet admin policy attach root stack-buckets --user "$ACCESS_KEY" || true
usable || { echo "the service user cannot list $BUCKETS" >&2; exit 1; }
echo "created buckets and service user: $BUCKETS"
`;

/** The one-shot that prepares an object store which isn't our image. */
export function minioInit(
  inputs: ServiceInputs,
  buckets: readonly string[],
): Pick<ServiceDefinition, "services" | "configs"> {
  return {
    services: {
      "minio-init": {
        ...confined(inputs, "minio"),
        entrypoint: ["sh", "-c", literal(prepareStore)],
        environment: {
          ROOT_USER: secretRef("MINIO_ROOT_USER"),
          ROOT_PASSWORD: secretRef("MINIO_ROOT_PASSWORD"),
          ACCESS_KEY: secretRef("S3_ACCESS_KEY"),
          SECRET_KEY: secretRef("S3_SECRET_KEY"),
          BUCKETS: buckets.join(" "),
        },
        configs: [{ source: "bucket-policy", target: "/etc/stack/policy.json", mode: 0o444 }],
        depends_on: { minio: { condition: "service_healthy" } },
        restart: "no",
      },
    },
    configs: { "bucket-policy": { content: literal(JSON.stringify(bucketPolicy(buckets), undefined, 2)) } },
  };
}

/** Everything in these buckets, and nothing else. */
function bucketPolicy(buckets: readonly string[]): object {
  return {
    Version: "2012-10-17",
    Statement: [
      {
        Effect: "Allow",
        Action: ["s3:ListBucket", "s3:GetBucketLocation", "s3:ListBucketMultipartUploads"],
        Resource: buckets.map((name) => `arn:aws:s3:::${name}`),
      },
      {
        Effect: "Allow",
        Action: [
          "s3:GetObject",
          "s3:PutObject",
          "s3:DeleteObject",
          "s3:AbortMultipartUpload",
          "s3:ListMultipartUploadParts",
        ],
        Resource: buckets.map((name) => `arn:aws:s3:::${name}/*`),
      },
    ],
  };
}
