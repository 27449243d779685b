import type { Check } from "../../stack/doctor/check.ts";
import type { DoctorReport } from "../../stack/doctor/doctor.ts";
import type { Paint } from "../colors.ts";
import { formatCount } from "../format.ts";

/** A line for each check, a fix below each that isn't well, and how many there are of each kind. */
export function renderDoctor({ checks, skipped, failures, warnings }: DoctorReport, paint: Paint): string {
  const width = Math.max(0, ...checks.map(({ name }) => name.length));
  const lines = checks.flatMap((check) => [
    `${markOf(check, paint)} ${check.name.padEnd(width)}  ${check.text}`,
    ...(check.fix === undefined ? [] : [`  ${"".padEnd(width)}  ${paint.cyan("fix")} ${check.fix}`]),
  ]);
  const notes = [...Map.groupBy(skipped, ({ why }) => why)].map(([why, these]) =>
    paint.dim(`Not looked at, since ${why}: ${these.map(({ name }) => name).join(", ")}.`),
  );
  const fine = checks.length - failures - warnings;
  const words = [count(failures, "failure"), count(warnings, "warning"), `${fine} ok`];
  return [...lines, ...notes, paint.bold(`${words.filter((word) => word !== "").join(", ")}.`)].join("\n");
}

function markOf({ outcome }: Check, paint: Paint): string {
  return { ok: paint.green("✔"), warning: paint.yellow("!"), failure: paint.red("✖") }[outcome];
}

function count(number: number, noun: string): string {
  return number === 0 ? "" : formatCount(number, noun);
}
