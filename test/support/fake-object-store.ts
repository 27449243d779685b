import { StackError } from "../../src/lib/errors.ts";
import type { ObjectStore } from "../../src/stack/service-ports.ts";

export interface FakeObjectStore extends ObjectStore {
  put(bucket: string, key: string, content: Uint8Array | string, modifiedAt?: string): void;
  delete(bucket: string, key: string): void;
}

interface Stored {
  readonly content: Uint8Array;
  readonly modifiedAt: string;
}

/** An object store in memory. */
export function createFakeObjectStore(bucketNames: readonly string[]): FakeObjectStore {
  const buckets = new Map(bucketNames.map((name) => [name, new Map<string, Stored>()]));
  const open = (bucket: string, signal?: AbortSignal): Map<string, Stored> => {
    if (signal?.aborted) throw new StackError("INTERRUPTED", "Interrupted.");
    const found = buckets.get(bucket);
    if (found === undefined) throw new StackError("BUCKET_NOT_FOUND", `There is no bucket ${bucket}.`);
    return found;
  };

  return {
    put: (bucket, key, content, modifiedAt = new Date().toISOString()) => {
      const bytes = typeof content === "string" ? new TextEncoder().encode(content) : content;
      open(bucket).set(key, { content: bytes, modifiedAt });
    },
    delete: (bucket, key) => void open(bucket).delete(key),

    buckets: async (signal) => {
      if (signal?.aborted) throw new StackError("INTERRUPTED", "Interrupted.");
      return [...buckets.keys()].toSorted();
    },
    objects: async (bucket, prefix = "", signal) =>
      [...open(bucket, signal)]
        .filter(([key]) => key.startsWith(prefix))
        .map(([key, { content, modifiedAt }]) => ({ key, bytes: content.byteLength, modifiedAt }))
        .toSorted((a, b) => (a.key < b.key ? -1 : 1)),
    read: async (bucket, key, signal) => {
      const found = open(bucket, signal).get(key);
      if (found === undefined)
        throw new StackError("STORAGE_REFUSED", `The object store refused ${key}: NoSuchKey.`);
      return found.content;
    },
  };
}
