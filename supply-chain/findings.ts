import { parseShape, v } from "../src/lib/schema.ts";

/** A known vulnerability of a version that is locked. */
export interface Finding {
  /** The lock file, as a path in the repository. */
  readonly in: string;
  readonly package: string;
  readonly version: string;
  /** What it is called; the first one is the source's own name: "GHSA-...", "PYSEC-...", "CVE-...". */
  readonly ids: readonly string[];
  readonly title: string;
}

export type Source = "npm audit" | "pip-audit";

/** What was found in one lock file, and what could not be found out. */
export interface Answer {
  readonly in: string;
  readonly source: Source;
  readonly findings: readonly Finding[];
  /** Why nothing is known of some packages or all; empty when everything was answered. */
  readonly unanswered: readonly string[];
}

const advisory = v.object({ name: v.string(), url: v.string(), title: v.string() });
const npmReport = v.union([
  v.object({
    vulnerabilities: v.record(
      v.string(),
      v.object({ via: v.array(v.union([v.string(), advisory])), nodes: v.array(v.string()) }),
    ),
  }),
  v.object({ message: v.string() }),
]);
const npmLock = v.object({
  packages: v.record(v.string(), v.object({ version: v.optional(v.string(), "unknown") })),
});

/** From `npm audit --json`, with the lock that it was asked about. */
export function npmAnswer(file: string, report: unknown, lock: unknown): Answer {
  const told = parseShape(npmReport, report, "the report of npm audit");
  const source = "npm audit";
  if ("message" in told) return { in: file, source, findings: [], unanswered: [told.message] };
  const { packages } = parseShape(npmLock, lock, file);
  const findings = Object.values(told.vulnerabilities).flatMap(({ via, nodes }) => {
    const versions = new Set(nodes.map((node) => packages[node]?.version ?? "unknown"));
    return via.flatMap((one) => {
      // A name alone is another package's vulnerability, which has an entry of its own.
      if (typeof one === "string") return [];
      const id = one.url.slice(one.url.lastIndexOf("/") + 1);
      return [...versions].map((version) => ({
        in: file,
        package: one.name,
        version,
        ids: [id],
        title: one.title,
      }));
    });
  });
  return { in: file, source, findings, unanswered: [] };
}

const pipReport = v.object({
  dependencies: v.array(
    v.union([
      v.object({
        name: v.string(),
        version: v.string(),
        vulns: v.array(v.object({ id: v.string(), aliases: v.array(v.string()), description: v.string() })),
      }),
      v.object({ name: v.string(), skip_reason: v.string() }),
    ]),
  ),
});

/** From `pip-audit --format json`. What it had to skip, it calls free of known vulnerabilities; here it's unanswered. */
export function pipAnswer(file: string, report: unknown): Answer {
  const { dependencies } = parseShape(pipReport, report, "the report of pip-audit");
  const findings = dependencies.flatMap((one) =>
    "vulns" in one
      ? one.vulns.map(({ id, aliases, description }) => ({
          in: file,
          package: one.name,
          version: one.version,
          ids: [id, ...aliases],
          title: firstLine(description),
        }))
      : [],
  );
  const unanswered = dependencies.flatMap((one) => ("vulns" in one ? [] : [one.skip_reason]));
  return { in: file, source: "pip-audit", findings, unanswered };
}

function firstLine(text: string): string {
  return text.split("\n").find((line) => line.trim() !== "") ?? "";
}
