import { afterAll, beforeAll, describe, expect, test } from "vitest";
import type { ObjectStore } from "../../src/stack/service-ports.ts";

export interface ObjectStoreWorld {
  readonly store: ObjectStore;
  readonly bucket: string;
  put(key: string, content: string): Promise<void>;
  delete(key: string): Promise<void>;
}

// One more than S3 gives in one answer.
const MANY = 1_001;

/** What every object store port keeps to. Writes below a prefix that nobody else uses, and takes it away again. */
export function describeObjectStoreContract(name: string, makeWorld: () => Promise<ObjectStoreWorld>): void {
  describe(`${name} keeps the object store contract`, () => {
    const root = `contract-${Date.now()}`;
    const manyKeys = Array.from(
      { length: MANY },
      (_, index) => `${root}/many/${String(index).padStart(5, "0")}`,
    );
    const odd = `${root}/odd/a b+c=é&%41.txt`;
    let world: ObjectStoreWorld;
    beforeAll(async () => {
      world = await makeWorld();
      await world.put(`${root}/one.txt`, "hello");
      await world.put(`${root}/empty`, "");
      await world.put(odd, "odd");
      await inBatches(manyKeys, async (key) => await world.put(key, key));
    });
    afterAll(async () => {
      await inBatches(
        [`${root}/one.txt`, `${root}/empty`, odd, ...manyKeys],
        async (key) => await world.delete(key),
      );
    });

    test("lists its buckets", async () => {
      await expect(world.store.buckets()).resolves.toContain(world.bucket);
    });

    test("lists objects with their size and time", async () => {
      const found = await world.store.objects(world.bucket, `${root}/one`);
      expect(found).toMatchObject([{ key: `${root}/one.txt`, bytes: 5 }]);
      expect(Date.now() - Date.parse(found[0]?.modifiedAt ?? "")).toBeLessThan(10 * 60_000);
      expect(found[0]?.modifiedAt).toMatch(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/u);
    });

    test("lists an empty object", async () => {
      await expect(world.store.objects(world.bucket, `${root}/empty`)).resolves.toMatchObject([{ bytes: 0 }]);
    });

    test("gives keys as they were written", async () => {
      const found = await world.store.objects(world.bucket, `${root}/odd/`);
      expect(found.map(({ key }) => key)).toEqual([odd]);
      expect(text(await world.store.read(world.bucket, odd))).toBe("odd");
    });

    test("lists over all pages", async () => {
      const found = await world.store.objects(world.bucket, `${root}/many/`);
      expect(found.map(({ key }) => key)).toEqual(manyKeys);
    });

    test("lists nothing under an unknown prefix", async () => {
      await expect(world.store.objects(world.bucket, `${root}/nothing`)).resolves.toEqual([]);
    });

    test("reads what was written", async () => {
      expect(text(await world.store.read(world.bucket, `${root}/one.txt`))).toBe("hello");
      expect(await world.store.read(world.bucket, `${root}/empty`)).toHaveLength(0);
    });

    test("refuses an unknown key", async () => {
      await expect(world.store.read(world.bucket, `${root}/nothing`)).rejects.toMatchObject({
        code: "STORAGE_REFUSED",
        message: expect.stringContaining("NoSuchKey"),
      });
    });

    test("knows an unknown bucket", async () => {
      await expect(world.store.objects("no-such-bucket")).rejects.toMatchObject({ code: "BUCKET_NOT_FOUND" });
    });

    test("stops when it is interrupted", async () => {
      const { store, bucket } = world;
      await expect(store.objects(bucket, root, AbortSignal.abort())).rejects.toMatchObject({
        code: "INTERRUPTED",
      });
    });
  });
}

function text(bytes: Uint8Array): string {
  return new TextDecoder().decode(bytes);
}

async function inBatches(keys: readonly string[], work: (key: string) => Promise<void>): Promise<void> {
  for (let start = 0; start < keys.length; start += 50) {
    await Promise.all(keys.slice(start, start + 50).map(work));
  }
}
