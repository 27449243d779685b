import { readFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { judge, parseAccepted, statusOf, type Accepted } from "../../../supply-chain/accepted.ts";
import type { Answer, Finding } from "../../../supply-chain/findings.ts";
import { minioFlaws } from "../../../src/stack/doctor/minio-flaws.ts";
import { repository } from "../../support/run.ts";

const finding: Finding = {
  in: "a.lock",
  package: "one",
  version: "1.0",
  ids: ["PYSEC-1", "CVE-1"],
  title: "Bad",
};
const known: Answer = { in: "a.lock", source: "pip-audit", findings: [finding], unanswered: [] };
const entry: Accepted = { in: "a.lock", package: "one", id: "CVE-1", why: "because", until: "2026-12-31" };
const judged = (accepted: readonly Accepted[], answers: readonly Answer[] = [known], today = "2026-12-31") =>
  judge(answers, accepted, { today, pins: new Map([["Dockerfile", "ARG COMMIT=abc"]]) });

describe("a finding", () => {
  test("is new unless somebody has accepted it", () => {
    const verdict = judged([]);
    expect(verdict).toEqual({ open: [finding], accepted: 0, stale: [], unanswered: [] });
    expect(statusOf(verdict)).toBe(1);
  });

  test.each([{}, { id: "PYSEC-1" }, { id: "*" }, { package: "*", id: "*" }])(
    "is accepted by %j",
    (change) => {
      const verdict = judged([{ ...entry, ...change }]);
      expect(verdict).toEqual({ open: [], accepted: 1, stale: [], unanswered: [] });
      expect(statusOf(verdict)).toBe(0);
    },
  );

  test.each([{ id: "CVE-2" }, { package: "two" }, { in: "b.lock" }])("is not accepted by %j", (change) => {
    expect(judged([{ ...entry, ...change }]).open).toEqual([finding]);
  });
});

describe("an entry", () => {
  test("holds to the end of its last day", () => {
    const verdict = judged([entry], [known], "2027-01-01");
    expect(verdict.open).toEqual([finding]);
    expect(verdict.stale).toEqual(["CVE-1 of one in a.lock: accepted until 2026-12-31"]);
  });

  test("is stale when nothing reports it any more", () => {
    const verdict = judged([entry], [{ ...known, findings: [] }]);
    expect(verdict.stale).toEqual(["CVE-1 of one in a.lock: nothing reports it any more"]);
    expect(statusOf(verdict)).toBe(1);
  });

  test("is kept while its source does not answer, which is no success", () => {
    const verdict = judged([entry], [{ ...known, findings: [], unanswered: ["404", "404"] }]);
    expect(verdict).toEqual({
      open: [],
      accepted: 0,
      stale: [],
      unanswered: [{ in: "a.lock", source: "pip-audit", why: "404", count: 2 }],
    });
    expect(statusOf(verdict)).toBe(3);
  });

  test("for what no source knows holds as long as the version is pinned", () => {
    const one: Accepted = { ...entry, in: "Dockerfile", pinned: "COMMIT=abc" };
    expect(judged([one], []).stale).toEqual([]);
    expect(judged([{ ...one, pinned: "COMMIT=abd" }], []).stale).toEqual([
      "CVE-1 of one in Dockerfile: accepted for COMMIT=abd, which is pinned no more",
    ]);
  });
});

const text = (file: string): string => readFileSync(join(repository, file), "utf8");
const listed = (): readonly Accepted[] => parseAccepted(JSON.parse(text("supply-chain/accepted.json")));

test("the list of accepted findings is well formed, and its pins are there", () => {
  const accepted = listed();
  for (const { in: file, pinned } of accepted) expect(text(file)).toContain(pinned ?? "--hash");
  expect(() => parseAccepted([{ ...entry, until: "soon" }])).toThrow("a date such as");
  expect(() => parseAccepted([{ ...entry, reason: "typo" }])).toThrow("reason");
});

test("`stack doctor` names the flaws of MinIO that are accepted, and no others", () => {
  const accepted = listed().filter(({ in: file }) => file === "compose/images/minio/Dockerfile");
  expect(accepted.map(({ id }) => id).toSorted()).toEqual(minioFlaws.toSorted());
});
