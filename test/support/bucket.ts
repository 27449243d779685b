import { createHash } from "node:crypto";
import { GetObjectCommand, paginateListObjectsV2, S3Client } from "@aws-sdk/client-s3";
import type { ServedStack } from "./services.ts";

const bucket = "mlflow";

/** The keys of a stack's bucket, asked with the keys that its tasks have. */
export async function objectKeys(project: ServedStack, prefix: string): Promise<readonly string[]> {
  return await withClient(project, async (client) => await listKeys(client, prefix));
}

/** SHA-256 of every object in a stack's bucket, hex, by its key. */
export async function objectChecksums(project: ServedStack): Promise<ReadonlyMap<string, string>> {
  return await withClient(project, async (client) => {
    const checksums = new Map<string, string>();
    for (const Key of await listKeys(client, "")) {
      const { Body } = await client.send(new GetObjectCommand({ Bucket: bucket, Key }));
      const bytes = (await Body?.transformToByteArray()) ?? new Uint8Array();
      checksums.set(Key, createHash("sha256").update(bytes).digest("hex"));
    }
    return checksums;
  });
}

async function listKeys(client: S3Client, prefix: string): Promise<readonly string[]> {
  const keys: string[] = [];
  for await (const page of paginateListObjectsV2({ client }, { Bucket: bucket, Prefix: prefix })) {
    for (const { Key } of page.Contents ?? []) keys.push(Key ?? "");
  }
  return keys;
}

async function withClient<T>(project: ServedStack, ask: (client: S3Client) => Promise<T>): Promise<T> {
  const client = new S3Client({
    endpoint: `http://127.0.0.1:${project.ports.s3}`,
    region: "us-east-1",
    forcePathStyle: true,
    credentials: {
      accessKeyId: await project.secret("S3_ACCESS_KEY"),
      secretAccessKey: await project.secret("S3_SECRET_KEY"),
    },
  });
  try {
    return await ask(client);
  } finally {
    client.destroy();
  }
}
