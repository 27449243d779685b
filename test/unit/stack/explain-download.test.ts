import { describe, expect, test } from "vitest";
import { StackError } from "../../../src/lib/errors.ts";
import { explainDownload } from "../../../src/stack/explain-download.ts";

const failed = (...log: readonly string[]) =>
  new StackError("BUILD_FAILED", 'the step "3/7 RUN" failed.', { facts: { step: "3/7 RUN", log } });

describe("a build that fails because of a download", () => {
  test.each([
    [
      "uv",
      [
        "  × Failed to download `ruff==0.17.6`",
        "  ├─▶ error sending request for url (https://files.pythonhosted.org/packages/ruff-0.17.6.whl)",
        "  ├─▶ client error (Connect)",
        "  ╰─▶ Connection refused (os error 111)",
      ],
      "A download from files.pythonhosted.org failed: Connection refused (os error 111).",
    ],
    [
      "a newer uv",
      [
        "error: Failed to download `ruff==0.17.6`",
        "  cause: Failed to fetch: `https://files.pythonhosted.org/packages/ruff-0.17.6.whl`",
        "  cause: Connection reset by peer (os error 104)",
      ],
      "A download from files.pythonhosted.org failed: Connection reset by peer (os error 104).",
    ],
    [
      "pip",
      [
        "WARNING: Retrying (Retry(total=0)) after connection broken by 'NewConnectionError': /simple/uv/",
        "ERROR: HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded with url: /simple/uv/",
      ],
      "A download failed: ERROR: HTTPSConnectionPool(host='pypi.org', port=443): Max retries exceeded with url: /simple/uv/.",
    ],
    [
      "apt",
      [
        "Err:1 http://deb.debian.org/debian trixie InRelease",
        "  Temporary failure resolving 'deb.debian.org'",
        "E: Some index files failed to download.",
      ],
      "A download from deb.debian.org failed: Temporary failure resolving 'deb.debian.org'.",
    ],
    [
      "go",
      [
        'go: Get "https://proxy.golang.org/github.com/minio/minio/@v/list": dial tcp 10.0.0.1:443: connect: connection refused',
      ],
      "A download from proxy.golang.org failed: go: Get",
    ],
  ])("by %s says from where, and why", (_, log, words) => {
    const error = failed(...log);
    expect(explainDownload(error)).toMatchObject({
      code: "DOWNLOAD_FAILED",
      message: expect.stringContaining(`the step "3/7 RUN" failed. ${words}`) as string,
      hint: expect.stringContaining("HTTPS_PROXY") as string,
      facts: { step: "3/7 RUN", log },
      cause: error,
    });
  });
});

test.each([
  failed("gcc: fatal error: no input files"),
  failed("  ├─▶ HTTP status client error (404 Not Found) for url (https://pypi.org/simple/nope/)"),
  failed(),
  new StackError("INTERRUPTED", "Interrupted.", { facts: { log: ["Connection refused"] } }),
  new TypeError("Connection refused"),
])("any other failure stays what it is: %s", (error) => {
  expect(explainDownload(error)).toBe(error);
});
