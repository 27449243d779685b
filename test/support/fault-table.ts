import type { Reporter, TestCase } from "vitest/node";
import type { Fault } from "./fault-log.ts";

/** Prints what the tests recorded of their faults, when there is any of it, after everything else. */
export function createFaultTable(write: (text: string) => void): Reporter {
  return {
    onTestRunEnd: (modules) => {
      const faults = modules.flatMap(({ children }) => [...children.allTests()].flatMap(faultsOf));
      if (faults.length > 0) write(`\n${renderFaults(faults)}\n`);
    },
  };
}

/** Those of a test that failed are not told as if all had been seen. */
function faultsOf(test: TestCase): readonly Fault[] {
  const { faults = [], notes = [] } = test.meta();
  const isOfFault = test.project.name === "faults" || faults.length + notes.length > 0;
  if (test.result().state !== "failed" || !isOfFault) return faults;
  const shown = notes.map((note) => note.shown).join("; then ");
  return [...faults, { fault: test.fullName, shown, after: "**the test failed**" }];
}

const longestCell = 240;

/** A table in Markdown, in the order of `faults`. */
export function renderFaults(faults: readonly Fault[]): string {
  const rows = faults.map(({ fault = "", shown = "", namedAfterMs, after }) => [
    cell(fault),
    cell(shown),
    namedAfterMs === undefined ? "" : (namedAfterMs / 1000).toFixed(1),
    cell(after),
  ]);
  const head = ["fault", "what was shown", "seconds until it was named", "state afterwards"];
  return [head, head.map(() => "---"), ...rows].map((cells) => `| ${cells.join(" | ")} |`).join("\n");
}

function cell(text: string): string {
  const line = text.replaceAll(/\s+/gu, " ").trim();
  const short = line.length > longestCell ? `${line.slice(0, longestCell)}...` : line;
  return short.replaceAll("|", String.raw`\|`);
}
