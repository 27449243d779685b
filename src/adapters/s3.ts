import {
  GetObjectCommand,
  ListBucketsCommand,
  NoSuchBucket,
  paginateListObjectsV2,
  S3Client,
  S3ServiceException,
} from "@aws-sdk/client-s3";
import { interrupted, StackError } from "../lib/errors.ts";
import type { ObjectStore, StoredObject } from "../stack/service-ports.ts";

export interface S3StoreOptions {
  /** "http://127.0.0.1:9000". */
  readonly endpoint: string;
  readonly accessKeyId: string;
  readonly secretAccessKey: string;
  readonly region: string;
}

/** An S3 store that answers under one address, as MinIO does. Throws STORAGE_REFUSED or BUCKET_NOT_FOUND. */
export function createS3Store({
  endpoint,
  accessKeyId,
  secretAccessKey,
  region,
}: S3StoreOptions): ObjectStore {
  const client = new S3Client({
    endpoint,
    region,
    credentials: { accessKeyId, secretAccessKey },
    // Without a DNS name per bucket, the bucket is the first part of the path.
    forcePathStyle: true,
    requestHandler: { connectionTimeout: 5_000, requestTimeout: 60_000 },
  });
  const translated = async <T>(
    what: string,
    signal: AbortSignal | undefined,
    work: () => Promise<T>,
  ): Promise<T> => {
    try {
      return await work();
    } catch (error) {
      if (signal?.aborted) throw interrupted(signal.reason);
      throw errorFromS3(what, endpoint, error);
    }
  };

  return {
    buckets: (signal) =>
      translated("the list of buckets", signal, async () => {
        const { Buckets = [] } = await client.send(new ListBucketsCommand({}), abortOptions(signal));
        return Buckets.flatMap(({ Name }) => Name ?? []);
      }),

    objects: (bucket, prefix, signal) =>
      translated(`the list of bucket ${bucket}`, signal, async () => {
        const found: StoredObject[] = [];
        const pages = paginateListObjectsV2(
          { client },
          { Bucket: bucket, Prefix: prefix },
          abortOptions(signal),
        );
        for await (const { Contents = [] } of pages) {
          for (const { Key, Size = 0, LastModified } of Contents) {
            if (Key === undefined || LastModified === undefined) continue;
            found.push({ key: Key, bytes: Size, modifiedAt: LastModified.toISOString() });
          }
        }
        return found;
      }),

    read: (bucket, key, signal) =>
      translated(`object ${key} of bucket ${bucket}`, signal, async () => {
        const { Body } = await client.send(
          new GetObjectCommand({ Bucket: bucket, Key: key }),
          abortOptions(signal),
        );
        return (await Body?.transformToByteArray()) ?? new Uint8Array();
      }),
  };
}

function abortOptions(signal: AbortSignal | undefined): { abortSignal?: AbortSignal } {
  return signal === undefined ? {} : { abortSignal: signal };
}

function errorFromS3(what: string, endpoint: string, cause: unknown): StackError {
  if (cause instanceof NoSuchBucket || (cause instanceof Error && cause.name === "NoSuchBucket")) {
    return new StackError("BUCKET_NOT_FOUND", `The object store at ${endpoint} has no bucket for ${what}.`, {
      hint: "Run `stack up`, which creates the stack's bucket.",
      cause,
    });
  }
  if (cause instanceof S3ServiceException) {
    const status = cause.$metadata.httpStatusCode ?? 0;
    const message = `The object store refused ${what}: ${cause.name}, ${cause.message} (${status}).`;
    // The client has tried again with the store's own time, where the store told it.
    const hint =
      cause.name === "RequestTimeTooSkewed" ? "Run `stack doctor`: it compares clocks." : undefined;
    return new StackError("STORAGE_REFUSED", message, { cause, hint, facts: { status } });
  }
  const words = cause instanceof Error ? cause.message : String(cause);
  return new StackError("STORAGE_REFUSED", `The object store at ${endpoint} does not answer: ${words}.`, {
    hint: "Run `stack status` to see whether it is up.",
    cause,
  });
}
