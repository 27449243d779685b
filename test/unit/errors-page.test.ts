import { expect, test } from "vitest";
import { errorTable } from "../../src/lib/error-table.ts";

const MEANING_OF_STATUS: Readonly<Record<number, string>> = {
  0: "done",
  1: "the operation failed",
  2: "wrong use or configuration; nothing was touched",
  3: "the machine is not ready",
  4: "the stack is not healthy",
  5: "the stack is not running",
  70: "a bug in `stack`",
  130: "interrupted",
};

const codes = Object.entries(errorTable);

test.each(codes)("%s has an exit status with a meaning", (_code, { status }) => {
  expect(MEANING_OF_STATUS).toHaveProperty([status]);
});

test.each(codes)("%s is explained in one sentence", (_code, { meaning }) => {
  expect(meaning).toMatch(/^[A-Z][^\n]*[a-z]\.$/);
});

test("docs/errors.md says what the table says; if not, run `npm run docs:errors`", async () => {
  await expect(errorsPage()).toMatchFileSnapshot("../../docs/errors.md");
});

function errorsPage(): string {
  return `# Errors

<!-- Generated from src/lib/error-table.ts by \`npm run docs:errors\`. -->

Every failure has a code, a message that says what failed and why, and where there is one, a hint with the next thing to
do. With \`--json\` they are in the field \`error\` of the document on standard output, with the exit status and the facts:
\`{"error": {"code", "status", "message", "hint", "facts"}}\`; a result that is a failure too, as of \`stack status\`, has that
field beside its own. The exit status says what kind of failure it was.

| status | meaning |
|---|---|
${Object.entries(MEANING_OF_STATUS)
  .map(([status, meaning]) => `| ${status} | ${meaning} |`)
  .join("\n")}

${Object.keys(MEANING_OF_STATUS)
  .filter((status) => status !== "0")
  .map(section)
  .join("\n")}`;
}

function section(status: string): string {
  const rows = codes
    .filter(([, kind]) => String(kind.status) === status)
    .map(([code, { meaning }]) => `| \`${code}\` | ${meaning} |`);
  return `## Status ${status}: ${MEANING_OF_STATUS[Number(status)]}

| code | meaning |
|---|---|
${rows.join("\n")}
`;
}
