import { writeFile } from "node:fs/promises";
import { afterAll, beforeAll, expect, test, vi } from "vitest";
import type { UpResult } from "../../src/stack/up.ts";
import { noteShown } from "../support/fault-log.ts";
import { createFaultStack, type FaultStack } from "../support/fault-stack.ts";
import { startInspectingProxy, type InspectingProxy } from "../support/inspecting-proxy.ts";
import { provideLine } from "../support/line-images.ts";
import { docker } from "../support/run.ts";
import type { Failure } from "../support/test-project.ts";

// Makes steps and downloads this run's own: nothing of them is known from an earlier one.
const mark = `${process.pid}-${Date.now()}`;
const large = /^GET .*\/ruff-[^/]*\.whl$/u;
const small = /^GET .*\/humanize-[^/]*\.whl$/u;
const mib = 1024 ** 2;

/* The network goes away in the middle of an image build: a project's packages come through a proxy that is cut. */
let stack: FaultStack;
let proxy: InspectingProxy;
let isDropping = true;
let cutMs = 0;
let image = "";

const hasCome = (url: RegExp) => () => proxy.answered.some((line) => url.test(line));

beforeAll(async () => {
  await provideLine("current");
  // Without any packages of its own yet, and before there is a proxy.
  stack = await createFaultStack("network");
  await writeFile(stack.path("packages.txt"), `jq\n# ${mark}\n`);
  await writeFile(stack.path("requirements.txt"), `humanize==4.12.0\nruff==0.17.6\n# ${mark}\n`);
  proxy = await startInspectingProxy(stack.dir, async (line, bytes) => {
    if (!large.test(line) || bytes < 4 * mib) return;
    await vi.waitUntil(hasCome(small), { timeout: 30_000 });
    if (!isDropping) return;
    if (cutMs === 0) cutMs = Date.now();
    proxy.cut();
  });
  const gateway = await docker(
    "network",
    "inspect",
    "--format",
    "{{(index .IPAM.Config 0).Gateway}}",
    "bridge",
  );
  const address = `http://${gateway}:${proxy.port}`;
  for (const name of ["HTTP_PROXY", "HTTPS_PROXY", "http_proxy", "https_proxy"]) vi.stubEnv(name, address);
  vi.stubEnv("SSL_CERT_FILE", proxy.caFile);
  // PyPI looks at no query, and uv keeps what it fetched by the whole address.
  vi.stubEnv("UV_DEFAULT_INDEX", `https://pypi.org/simple/?run=${mark}`);
});
afterAll(async () => {
  vi.unstubAllEnvs();
  try {
    await stack.dispose();
    if (image !== "") await docker("image", "rm", image);
  } finally {
    await proxy.close();
  }
});

test("a build whose download breaks off says so, what runs goes on, and the next goes on where it was", async () => {
  const containers = await stack.containers();
  const { status, json } = await stack.stackJson("up");
  // uv tries a few times before it gives up.
  const namedAfterMs = Date.now() - cutMs;
  noteShown(`${json.error.code}: ${json.error.message}`, namedAfterMs);
  expect(namedAfterMs).toBeLessThan(30_000);
  expect(json.error.code, json.error.message).toBe("DOWNLOAD_FAILED");
  expect(json.error.message).toContain("The image of project could not be built");
  expect(json.error.message).toContain("files.pythonhosted.org");
  expect(json.error.hint).toContain("HTTPS_PROXY");
  expect(status).toBe(1);
  expect(hasCome(large)()).toBe(false);
  expect(await stack.containers()).toEqual(containers);
  expect((await stack.stack("status")).status).toBe(0);

  const had = new Set(proxy.answered);
  const before = proxy.seen.length;
  isDropping = false;
  proxy.mend();
  const second = await stack.stackJson<UpResult & Partial<Failure>>("up");
  expect(second.json.error).toBeUndefined();
  image = await docker("inspect", "--format", "{{.Config.Image}}", await stack.containerOf("airflow"));
  expect(second.json.builtImages).toContain("project");
  expect(second.json.probes.filter(({ outcome }) => outcome !== "ok")).toEqual([]);
  expect(hasCome(large)()).toBe(true);
  // Neither the index of Debian's packages, whose step was through, nor the package that had come.
  expect([...had].filter((line) => line.includes("deb.debian.org"))).not.toEqual([]);
  const again = proxy.seen.slice(before).filter((line) => had.has(line));
  expect(again.filter((line) => line.includes("deb.debian.org") || small.test(line))).toEqual([]);
  await stack.expectWhole("the network drops during an image build, which `up` then goes on with");
});
