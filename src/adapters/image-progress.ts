import { v } from "../lib/schema.ts";

/** One line of BuildKit's `rawjson` progress, as far as it matters here. */
const statusSchema = v.object({
  vertexes: v.optional(
    v.array(
      v.object({
        digest: v.string(),
        name: v.optional(v.string(), ""),
        started: v.optional(v.string()),
        completed: v.optional(v.string()),
        error: v.optional(v.string()),
      }),
    ),
  ),
  logs: v.optional(v.array(v.object({ vertex: v.string(), data: v.string() }))),
});

interface Vertex {
  name: string;
  log: string;
  isFailed: boolean;
}

export interface BuildProgress {
  /** The step being worked on, when the line changes it: "3/9 RUN go build". */
  read(line: string): string | undefined;
  /** The step that failed, with the last lines it printed. */
  failure(): { readonly step: string; readonly log: readonly string[] } | undefined;
}

/** Follows a build by the lines of its `rawjson` progress. */
export function createBuildProgress(): BuildProgress {
  const vertices = new Map<string, Vertex>();
  const documents = createDocumentReader();
  let current: string | undefined;
  return {
    read: (line) => {
      const status = parseStatus(documents.add(line));
      if (status === undefined) return undefined;
      let step: string | undefined;
      for (const { digest, name, started, completed, error } of status.vertexes ?? []) {
        const known = vertices.get(digest);
        const isFailed = (error ?? "") !== "" && !(error ?? "").includes("context canceled");
        vertices.set(digest, { name, log: known?.log ?? "", isFailed });
        if (started !== undefined && completed === undefined && !name.startsWith("[internal]"))
          step = shorten(name);
      }
      for (const { vertex, data } of status.logs ?? []) {
        const known = vertices.get(vertex);
        if (known !== undefined)
          known.log = (known.log + Buffer.from(data, "base64").toString("utf8")).slice(-16_384);
      }
      if (step === undefined || step === current) return undefined;
      current = step;
      return step;
    },
    failure: () => {
      const failed = [...vertices.values()].find((vertex) => vertex.isFailed);
      if (failed === undefined) return undefined;
      const lines = failed.log.split(/\r?\n/u).filter((line) => line.trim() !== "");
      return { step: shorten(failed.name), log: lines.slice(-20) };
    },
  };
}

/** Joins lines to JSON documents: one a line from newer buildx, indented over many lines up to 0.13. */
function createDocumentReader(): { add(line: string): string } {
  let lines: string[] = [];
  return {
    add: (line) => {
      if (lines.length === 0 && line !== "{") return line;
      lines.push(line);
      if (line !== "}") return "";
      const text = lines.join("\n");
      lines = [];
      return text;
    },
  };
}

function parseStatus(document: string): v.InferOutput<typeof statusSchema> | undefined {
  if (!document.startsWith("{")) return undefined;
  const parsed = v.safeParse(v.pipe(v.string(), v.parseJson(), statusSchema), document);
  return parsed.success ? parsed.output : undefined;
}

const longestStep = 70;

/** "[build 3/9] RUN --mount=type=cache,... go build" as "build 3/9 RUN go build". */
function shorten(name: string): string {
  const text = name
    .replace(/^\[([^\]]*)\]/u, "$1")
    .replaceAll(/--mount=\S+\s*/gu, "")
    .replaceAll(/\s+/gu, " ")
    .trim();
  return text.length <= longestStep ? text : `${text.slice(0, longestStep - 1)}…`;
}
