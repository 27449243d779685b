import { paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import type { TestProject } from "./test-project.ts";

/** The keys of a stack's bucket, asked with the keys that its tasks have. */
export async function objectKeys(project: TestProject, prefix: string): Promise<readonly string[]> {
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${project.ports.s3}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: {
      accessKeyId: await project.secret("S3_ACCESS_KEY"),
      secretAccessKey: await project.secret("S3_SECRET_KEY"),
    },
  });
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: "mlflow", Prefix: prefix })) {
    for (const { Key } of page.Contents ?? []) keys.push(Key ?? "");
  }
  client.destroy();
  return keys;
}
