import { expect, test } from "vitest";
import { npmAnswer, pipAnswer } from "../../../supply-chain/findings.ts";

const lock = {
  packages: {
    "": {},
    "node_modules/chalk": { version: "6.0.1" },
    "node_modules/ora/node_modules/chalk": { version: "5.6.2" },
    "node_modules/ora": { version: "9.4.1" },
  },
};
const advisory = {
  name: "chalk",
  url: "https://github.com/advisories/GHSA-a-b-c",
  title: "Bad",
  severity: "high",
};

test("npm's advisories are told once for each version that is locked", () => {
  const nodes = ["node_modules/chalk", "node_modules/ora/node_modules/chalk"];
  const vulnerabilities = {
    chalk: { via: [advisory], nodes, effects: ["ora"] },
    ora: { via: ["chalk"], nodes: ["node_modules/ora"], effects: [] },
  };
  const finding = { in: "package-lock.json", package: "chalk", ids: ["GHSA-a-b-c"], title: "Bad" };
  expect(npmAnswer("package-lock.json", { vulnerabilities }, lock)).toEqual({
    in: "package-lock.json",
    source: "npm audit",
    findings: [
      { ...finding, version: "6.0.1" },
      { ...finding, version: "5.6.2" },
    ],
    unanswered: [],
  });
});

test("an npm registry without advisories leaves everything unanswered", () => {
  const message = "405 Method Not Allowed - POST";
  expect(npmAnswer("package-lock.json", { message, statusCode: 405 }, lock)).toEqual({
    in: "package-lock.json",
    source: "npm audit",
    findings: [],
    unanswered: [message],
  });
});

test("pip-audit's findings keep all their names, and what it skipped is unanswered", () => {
  const vulns = [
    { id: "PYSEC-2026-1", aliases: ["CVE-2026-1"], fix_versions: [], description: "\nBad.\nMore" },
  ];
  const report = {
    dependencies: [
      { name: "one", version: "1.0", vulns },
      { name: "two", version: "2.0", vulns: [] },
      { name: "three", skip_reason: "not found" },
    ],
    fixes: [],
  };
  expect(pipAnswer("a.lock", report)).toEqual({
    in: "a.lock",
    source: "pip-audit",
    findings: [
      { in: "a.lock", package: "one", version: "1.0", ids: ["PYSEC-2026-1", "CVE-2026-1"], title: "Bad." },
    ],
    unanswered: ["not found"],
  });
});

test("another form of report is refused, not taken for one without findings", () => {
  expect(() => npmAnswer("package-lock.json", { advisories: {} }, lock)).toThrow("npm audit");
  expect(() => pipAnswer("a.lock", [])).toThrow("pip-audit");
});
