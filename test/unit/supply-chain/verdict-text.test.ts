import { expect, test } from "vitest";
import { judge, statusOf } from "../../../supply-chain/accepted.ts";
import { npmAnswer, pipAnswer } from "../../../supply-chain/findings.ts";
import { verdictLines } from "../../../supply-chain/verdict-text.ts";

const rules = { today: "2026-12-31", pins: new Map<string, string>() };

test("sources without advisories are named with their words and with what to do, and are no success", () => {
  const refusal = "405 Method Not Allowed - POST /-/npm/v1/security/advisories/bulk";
  const skipped = (name: string) => ({ name, skip_reason: `Dependency not found on PyPI: ${name}` });
  const answers = [
    npmAnswer("package-lock.json", { message: refusal, statusCode: 405 }, {}),
    pipAnswer("a.lock", { dependencies: [skipped("one"), skipped("two"), skipped("three")] }),
    pipAnswer("b.lock", { dependencies: [skipped("four")] }),
  ];
  const verdict = judge(answers, [], rules);
  expect(statusOf(verdict)).toBe(3);
  expect(verdictLines(verdict)).toEqual([
    `unknown  package-lock.json: npm audit got no answer: ${refusal}`,
    "unknown  a.lock: pip-audit got no answer: Dependency not found on PyPI: one, and 2 more like it",
    "unknown  b.lock: pip-audit got no answer: Dependency not found on PyPI: four",
    expect.stringMatching(/^fix {4}npm audit: .*npm_config_registry=/u),
    expect.stringMatching(/^fix {4}pip-audit: .*PIP_AUDIT_VULNERABILITY_SERVICE=osv/u),
    "0 new, 0 accepted, 0 stale entries, 3 files not wholly known: whether those have known vulnerabilities, this run can't say",
  ]);
});

test("where every source answered, the sum stands alone", () => {
  const verdict = judge([pipAnswer("a.lock", { dependencies: [] })], [], rules);
  expect(statusOf(verdict)).toBe(0);
  expect(verdictLines(verdict)).toEqual(["0 new, 0 accepted, 0 stale entries, 0 files not wholly known"]);
});
