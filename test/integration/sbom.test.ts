import { readFile } from "node:fs/promises";
import { basename } from "node:path";
import { expect, test } from "vitest";
import { imageNames } from "../../src/stack/spec.ts";
import { provideCheckImage, provideLine } from "../support/line-images.ts";
import { output, repository } from "../support/run.ts";

interface Bill {
  readonly bomFormat: string;
  readonly components: readonly { readonly type: string; readonly name: string; readonly purl?: string }[];
}

/** What only that image is there for, by the names of its bill. */
const telling = {
  airflow: "apache-airflow-core",
  mlflow: "mlflow",
  postgres: "postgresql-17",
  minio: "github.com/minio/minio",
  check: "ruff",
} as const;

test("the bills of materials list what each image and the command line are made of", async () => {
  const { references } = await provideLine("current");
  const tags = { ...references, check: await provideCheckImage() };
  // The program itself checks them against the format's schema.
  const written = (await output(process.execPath, ["supply-chain/sbom.ts"], repository)).trim().split("\n");
  const billOf = async (name: string): Promise<Bill> => {
    const path = written.find((one) => basename(one) === `${name}.cdx.json`) ?? "";
    return JSON.parse(await readFile(path, "utf8")) as Bill;
  };
  const images = [...imageNames, "check"] as const;
  const names = images.map((image) => [image, tags[image].replaceAll(/[:/]/gu, "-")] as const);
  for (const [image, name] of names) {
    const { bomFormat, components } = await billOf(name);
    expect(bomFormat).toBe("CycloneDX");
    expect(components.length, image).toBeGreaterThan(50);
    const libraries = components.filter(({ type }) => type === "library");
    expect(libraries.filter(({ purl }) => !/^pkg:.+@./u.test(purl ?? ""))).toEqual([]);
    expect(components.map((one) => one.name)).toContain(telling[image]);
  }
  expect((await billOf("stack")).components.map(({ name }) => name)).toContain("dockerode");
});
