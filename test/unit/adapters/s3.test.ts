import { once } from "node:events";
import { createServer, type Server } from "node:http";
import type { AddressInfo } from "node:net";
import { afterEach, describe, expect, test } from "vitest";
import { createS3Store } from "../../../src/adapters/s3.ts";

let server: Server | undefined;

/** A store on this machine that answers every request alike. */
async function storeAnswering(status: number, xml: string) {
  server = createServer((_, response) => {
    response.writeHead(status, { "content-type": "application/xml" }).end(xml);
  });
  server.listen(0, "127.0.0.1");
  await once(server, "listening");
  const { port } = server.address() as AddressInfo;
  return createS3Store({
    endpoint: `http://127.0.0.1:${port}`,
    accessKeyId: "key",
    secretAccessKey: "secret",
    region: "us-east-1",
  });
}

afterEach(() => {
  server?.close();
  server = undefined;
});

describe("a store", () => {
  test("that refuses keeps its own words", async () => {
    const store = await storeAnswering(
      403,
      "<Error><Code>AccessDenied</Code><Message>Access Denied.</Message></Error>",
    );
    await expect(store.objects("mlflow")).rejects.toMatchObject({
      code: "STORAGE_REFUSED",
      message: "The object store refused the list of bucket mlflow: AccessDenied, Access Denied. (403).",
      facts: { status: 403 },
    });
  });

  test("whose clock is another is told as one of two that differ", async () => {
    const store = await storeAnswering(
      403,
      "<Error><Code>RequestTimeTooSkewed</Code><Message>The difference is too large.</Message></Error>",
    );
    await expect(store.buckets()).rejects.toMatchObject({
      code: "STORAGE_REFUSED",
      message: expect.stringContaining("RequestTimeTooSkewed"),
      hint: expect.stringContaining("stack doctor"),
    });
  });

  test("without the bucket says what makes it", async () => {
    const store = await storeAnswering(
      404,
      "<Error><Code>NoSuchBucket</Code><Message>Not there</Message></Error>",
    );
    await expect(store.objects("data")).rejects.toMatchObject({
      code: "BUCKET_NOT_FOUND",
      hint: "Run `stack up`, which creates the stack's bucket.",
    });
  });

  test("that is down is named with its address", async () => {
    const store = await storeAnswering(200, "");
    server?.close();
    await expect(store.buckets()).rejects.toMatchObject({
      code: "STORAGE_REFUSED",
      message: expect.stringMatching(
        /^The object store at http:\/\/127\.0\.0\.1:\d+ does not answer: .*ECONNREFUSED/u,
      ),
      hint: "Run `stack status` to see whether it is up.",
    });
  });
});
