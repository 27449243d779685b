import type { InitResult } from "../../stack/init/init-project.ts";
import type { Paint } from "../colors.ts";
import { formatTable } from "../format.ts";

export function renderInit(result: InitResult, paint: Paint): string {
  const { dir, from, copied, kept, created, understood, ignored, notes } = result;
  const blocks = [paint.bold(`${dir} is a project of stack.`)];
  if (copied.length > 0) blocks.push(`Copied from ${from}: ${copied.join(", ")}`);
  if (kept.length > 0) blocks.push(paint.yellow(`Here already, and kept: ${kept.join(", ")}`));
  if (created.length > 0) blocks.push(`Made: ${created.join(", ")}`);
  if (understood.length > 0) {
    const rows = understood.map(({ path, meaning }) => [`  ${paint.green("✔")} ${path}`, meaning]);
    blocks.push("", "Understood", formatTable(rows));
  }
  if (ignored.length > 0) {
    const rows = ignored.map(({ path, meaning }) => [`  ${paint.dim("-")} ${path}`, paint.dim(meaning)]);
    blocks.push("", "Ignored", formatTable(rows));
  }
  if (notes.length > 0)
    blocks.push("", "Different here", ...notes.map((note) => `  ${paint.yellow("!")} ${note}`));
  blocks.push("", "Next: `stack dags check`, then `stack up`.");
  return blocks.join("\n");
}
