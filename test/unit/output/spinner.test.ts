import { Writable } from "node:stream";
import { expect, test } from "vitest";
import { createSpinner } from "../../../src/output/spinner.ts";

/** A terminal that keeps what is written to it. */
function fakeTerminal() {
  let text = "";
  const stream = new Writable({
    write: (chunk: Buffer, _encoding, done) => {
      text += chunk.toString();
      done();
    },
  });
  const terminal = Object.assign(stream, {
    isTTY: true,
    columns: 80,
    cursorTo: () => true,
    clearLine: () => true,
    moveCursor: () => true,
  });
  return { terminal: terminal as unknown as NodeJS.WriteStream, text: () => text };
}

test("lines are shown below a moving mark, and nothing once it has stopped", () => {
  const { terminal, text } = fakeTerminal();
  const spinner = createSpinner(terminal);
  spinner.show(["image minio", "image mlflow"]);
  expect(text()).toMatch(/image minio\n {2}image mlflow/u);
  spinner.stop();
  const length = text().length;
  spinner.stop();
  expect(text()).toHaveLength(length);
});

test("no lines are no spinner", () => {
  const { terminal, text } = fakeTerminal();
  const spinner = createSpinner(terminal);
  spinner.show([]);
  expect(text()).not.toMatch(/\S/u);
});
