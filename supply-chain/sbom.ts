import { mkdir, rm, writeFile } from "node:fs/promises";
import { join } from "node:path";
import type { Emit } from "../src/stack/events.ts";
import { provideCheckImage, provideLine } from "../test/support/line-images.ts";
import { output, repository } from "../test/support/run.ts";
import { cycloneDx } from "./cyclonedx.ts";
import { takeInventory } from "./inventory.ts";
import { installTools } from "./tools.ts";

/*
 * Writes a bill of materials of each image, and of the command line, to sbom/, and checks them against the schema of
 * their format; builds the images that the engine lacks.
 */
const folder = join(repository, "sbom");

// The format's own schemas come with the library; it tells the first place that doesn't fit.
const validator = `
import json, sys
from cyclonedx.schema import SchemaVersion
from cyclonedx.validation.json import JsonStrictValidator
for path in sys.argv[1:]:
    text = open(path).read()
    error = JsonStrictValidator(SchemaVersion.from_version(json.loads(text)["specVersion"])).validate_str(text)
    if error is not None:
        sys.exit(f"{path}: {error}")
`;

async function write(name: string, text: string): Promise<string> {
  const path = join(folder, `${name}.cdx.json`);
  await writeFile(path, text);
  return path;
}

async function imageTags(): Promise<readonly string[]> {
  const tell: Emit = ({ text }) => {
    console.error(text);
  };
  const plans = [await provideLine("current", tell), await provideLine("classic", tell)];
  const ofLines = plans.flatMap(({ own }) => own.map(({ tag }) => tag));
  return [...new Set([...ofLines, await provideCheckImage(tell)])];
}

await rm(folder, { recursive: true, force: true });
await mkdir(folder, { recursive: true });
const paths: string[] = [];
for (const tag of await imageTags()) {
  const bill = cycloneDx(tag, await takeInventory(tag));
  paths.push(await write(tag.replaceAll(/[:/]/gu, "-"), `${JSON.stringify(bill, undefined, 2)}\n`));
}
const ofNpm = ["sbom", "--sbom-format", "cyclonedx", "--omit", "dev", "--package-lock-only"];
paths.push(await write("stack", await output("npm", ofNpm, repository)));

const tools = await installTools();
try {
  const { status, stderr } = await tools.python("-c", validator, ...paths);
  if (status !== 0) throw new Error(stderr);
} finally {
  await tools.remove();
}
console.log(paths.join("\n"));
