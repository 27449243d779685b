import type { Verdict } from "./accepted.ts";
import type { Source } from "./findings.ts";

// A mirror or a proxy in front of a registry often passes on its packages and not what is known of them.
const remedies: Readonly<Record<Source, string>> = {
  "npm audit":
    "run it from a network that reaches the registry itself, or name one that passes advisories on: npm_config_registry=URL make audit",
  "pip-audit":
    "run it from a network that reaches the package index itself, or ask OSV: PIP_AUDIT_VULNERABILITY_SERVICE=osv make audit",
};

/** For people: a line for each thing to do, for each source that gave no answer what to do about that, and the sum. */
export function verdictLines({ open, accepted, stale, unanswered }: Verdict): readonly string[] {
  const silent = [...new Set(unanswered.map(({ source }) => source))];
  return [
    ...open.map(
      (one) => `new    ${one.ids.join(", ")}  ${one.package} ${one.version} in ${one.in}: ${one.title}`,
    ),
    ...stale.map((one) => `stale  ${one}`),
    ...unanswered.map(({ in: file, source, why, count }) => {
      const more = count > 1 ? `, and ${count - 1} more like it` : "";
      return `unknown  ${file}: ${source} got no answer: ${why}${more}`;
    }),
    ...silent.map((source) => `fix    ${source}: ${remedies[source]}`),
    `${open.length} new, ${accepted} accepted, ${stale.length} stale entries, ${unanswered.length} files not wholly known${
      unanswered.length > 0 ? ": whether those have known vulnerabilities, this run can't say" : ""
    }`,
  ];
}
