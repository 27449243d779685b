import type { ObjectStore } from "../stack/service-ports.ts";

/** A store that is opened by its first call: loading a client takes a tenth of a second, in which others can be called. */
export function createLateStore(open: () => Promise<ObjectStore>): ObjectStore {
  let opened: Promise<ObjectStore> | undefined;
  const store = async (): Promise<ObjectStore> => await (opened ??= open());
  return {
    buckets: async (...args) => await (await store()).buckets(...args),
    objects: async (...args) => await (await store()).objects(...args),
    read: async (...args) => await (await store()).read(...args),
  };
}
