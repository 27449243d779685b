import { setTimeout as sleep } from "node:timers/promises";
import type { ObjectStore } from "../stack/service-ports.ts";

// Long enough for what was asked at the same time to be on its way: loading keeps this process from sending anything.
const headStartMs = 10;

/** A store that is opened by its first call: loading a client takes a tenth of a second, in which others can answer. */
export function createLateStore(open: () => Promise<ObjectStore>): ObjectStore {
  let opened: Promise<ObjectStore> | undefined;
  const store = async (): Promise<ObjectStore> => await (opened ??= sleep(headStartMs).then(open));
  return {
    buckets: async (...args) => await (await store()).buckets(...args),
    objects: async (...args) => await (await store()).objects(...args),
    read: async (...args) => await (await store()).read(...args),
  };
}
