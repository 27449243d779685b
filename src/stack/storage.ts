import type { ObjectStore, StoredObject } from "./service-ports.ts";

export interface PrefixUsage {
  /** Ends with a slash; empty for the objects at the top. */
  readonly prefix: string;
  readonly objects: number;
  readonly bytes: number;
}

export interface BucketReport {
  readonly bucket: string;
  readonly objects: number;
  readonly bytes: number;
  readonly newest: StoredObject | undefined;
  /** The largest first, five at most. */
  readonly topPrefixes: readonly PrefixUsage[];
}

export interface StorageReport {
  readonly buckets: readonly BucketReport[];
}

const TOP_PREFIXES = 5;

/** What each bucket that these credentials can see holds. Throws STORAGE_REFUSED. */
export async function reportStorage(store: ObjectStore, signal?: AbortSignal): Promise<StorageReport> {
  const names = await store.buckets(signal);
  const buckets = await Promise.all(
    names.map(async (bucket) => reportBucket(bucket, await store.objects(bucket, undefined, signal))),
  );
  return { buckets: buckets.toSorted((a, b) => a.bucket.localeCompare(b.bucket)) };
}

/** One bucket's report from its listing. */
export function reportBucket(bucket: string, objects: readonly StoredObject[]): BucketReport {
  const byPrefix = Map.groupBy(objects, ({ key }) => usefulPrefix(key));
  const usages = [...byPrefix].map(([prefix, inside]) => ({
    prefix,
    objects: inside.length,
    bytes: sumBytes(inside),
  }));
  return {
    bucket,
    objects: objects.length,
    bytes: sumBytes(objects),
    newest: objects.toSorted((a, b) => b.modifiedAt.localeCompare(a.modifiedAt))[0],
    topPrefixes: usages
      .toSorted((a, b) => b.bytes - a.bytes || a.prefix.localeCompare(b.prefix))
      .slice(0, TOP_PREFIXES),
  };
}

const MLFLOW_RUN_ID = /^[0-9a-f]{32}$/u;

/**
 * The first level of a key, and the second where MLflow wrote it: an experiment's folder tells little,
 * "<experiment>/models/" and "<experiment>/<run id>/" tell what takes the space.
 */
function usefulPrefix(key: string): string {
  const [first, second, ...rest] = key.split("/");
  if (first === undefined || second === undefined) return "";
  const isMlflow = rest.length > 0 && (second === "models" || MLFLOW_RUN_ID.test(second));
  return isMlflow ? `${first}/${second}/` : `${first}/`;
}

function sumBytes(objects: readonly StoredObject[]): number {
  return objects.reduce((sum, { bytes }) => sum + bytes, 0);
}
