import { StackError } from "../lib/errors.ts";

// The words of apt, curl, git, go, npm, pip and uv, and of the system beneath them, for a connection that isn't there or breaks.
const lostConnection = new RegExp(
  [
    "(?:temporary failure|could not|couldn't|failed to|unable to) resolv|name resolution|name or service not known",
    "no such host|dns error|network is unreachable|no route to host",
    "(?:unable to|could not|couldn't|failed to) connect|connection (?:failed|refused|reset|closed|aborted|broken|timed out)",
    "(?:read|operation|request|connect) timed? ?out|i/o timeout|TLS handshake timeout|max retries exceeded",
    "error sending request|tunnel (?:connection failed|error)|proxy ?error|peer closed|closed before message completed",
    "error (?:decoding response|reading a) body|incompleteread|unexpected (?:eof|end of file)|end of file before",
  ].join("|"),
  "iu",
);

const drawing = /^(?:[\s×│├╰└─▶]|cause:)+/u;

/** A failed build told by the download that failed in it, where that is what its last lines say. */
export function explainDownload(error: unknown): unknown {
  if (!(error instanceof StackError) || error.code !== "BUILD_FAILED") return error;
  const log = Array.isArray(error.facts["log"]) ? error.facts["log"].map(String) : [];
  const cause = log.findLast((line) => lostConnection.test(line));
  if (cause === undefined) return error;
  const host = log
    .map((line) => /https?:\/\/([^\s/:`'"]+)/u.exec(line)?.[1])
    .findLast((name) => name !== undefined);
  const from = host === undefined ? "" : ` from ${host}`;
  return new StackError(
    "DOWNLOAD_FAILED",
    `${error.message} A download${from} failed: ${cause.replace(drawing, "").trim().replace(/\.$/u, "")}.`,
    {
      cause: error,
      hint: "See that this machine reaches the network, with HTTPS_PROXY set where that takes a proxy, and run `stack up` again; finished steps and downloads are kept.",
      facts: { ...error.facts, ...(host === undefined ? {} : { host }) },
    },
  );
}
