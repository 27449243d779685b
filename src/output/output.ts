import type { StackError } from "../lib/errors.ts";
import type { Emit } from "../stack/events.ts";
import { createPaint } from "./colors.ts";
import { errorDocument, renderError } from "./error.ts";
import { createNarrator } from "./narrator.ts";
import type { ServiceLine } from "../stack/logs/read-logs.ts";
import type { TaskLine } from "../stack/logs/task-log.ts";
import { createLineRenderer, type LinePrefix } from "./text/log-line.ts";
import { renderResult, type Results } from "./results.ts";
import type { Spinner } from "./spinner.ts";
import { visible, visibleJson } from "./visible.ts";

export interface OutputMode {
  /** One document on stdout instead of text. */
  readonly json: boolean;
  /** No narration; results and errors only. */
  readonly quiet: boolean;
  readonly verbose: boolean;
  readonly colorOut: boolean;
  readonly colorErr: boolean;
}

export interface OutputStreams {
  readonly writeOut: (text: string) => void;
  readonly writeErr: (text: string) => void;
  /** Undefined unless stderr is a terminal. */
  readonly spinner: Spinner | undefined;
  readonly nowMs: () => number;
  /** Masks the stack's secrets in what a service or a program said. */
  readonly redact: (text: string) => string;
  readonly repeat: (ms: number, work: () => void) => () => void;
}

/** stdout is data, stderr is narration. */
export interface Output {
  readonly emit: Emit;
  /** Ends the narration with the command's result; `failure` is why the status won't be 0. */
  result<K extends keyof Results>(kind: K, value: Results[K], failure?: StackError): void;
  /** One of many results of a stream, in JSON a line each; clears the screen first where there is one. */
  frame<K extends keyof Results>(kind: K, value: Results[K]): void;
  /** One line of a log, after what `prefix` names; in JSON a document, on a line. */
  line(line: ServiceLine | TaskLine, prefix?: readonly LinePrefix[]): void;
  /** A result that is text already; in JSON the field `text`. */
  text(text: string): void;
  error(error: StackError): void;
}

export function createOutput(mode: OutputMode, streams: OutputStreams): Output {
  const { writeOut, writeErr, spinner, nowMs, redact, repeat } = streams;
  const paintOut = createPaint(mode.colorOut);
  const paintErr = createPaint(mode.colorErr);
  // What is said may hold the words of services, files and other programs.
  const colorsOut = mode.colorOut ? "own" : "none";
  const narrated = (text: string): string => redact(visible(text, mode.colorErr ? "own" : "none"));
  const narrator = createNarrator({
    write: (line) => {
      writeErr(narrated(`${line}\n`));
    },
    paint: paintErr,
    spinner: spinner && {
      ...spinner,
      show: (lines) => {
        spinner.show(lines.map(narrated));
      },
    },
    nowMs,
    repeat,
  });
  const renderLine = createLineRenderer(paintOut);
  let isStream = false;
  const documentOf = (value: unknown): string =>
    `${visibleJson(JSON.stringify(value, undefined, isStream ? undefined : 2))}\n`;
  // Masked, but for what shows a secret to who asked for it.
  const show = (kind: keyof Results, text: string): void => {
    const shown = visible(text, colorsOut);
    writeOut(showsSecrets(kind) ? shown : redact(shown));
  };
  // A log keeps its colours, up to the end of each line.
  const logLine = (text: string): string => {
    const shown = visible(text, mode.colorOut ? "all" : "none");
    return shown.includes("\u001B") ? `${shown}\u001B[0m` : shown;
  };
  const narrateError = (error: StackError): void => {
    writeErr(narrated(`${renderError(error, paintErr, mode.verbose)}\n`));
  };

  return {
    emit: (event) => {
      if (!mode.quiet) narrator.emit(event);
    },
    result: (kind, value, failure) => {
      narrator.stop();
      if (mode.json && failure !== undefined)
        show(kind, documentOf(Object.assign({}, value, { error: errorDocument(failure) })));
      else if (mode.json) show(kind, documentOf(value));
      else show(kind, `${renderResult(kind, value, paintOut, nowMs())}\n`);
      if (failure !== undefined) narrateError(failure);
    },
    frame: (kind, value) => {
      narrator.stop();
      isStream = true;
      if (mode.json) show(kind, documentOf(value));
      else {
        if (mode.colorOut) writeOut("\u001B[H\u001B[2J");
        show(kind, `${renderResult(kind, value, paintOut, nowMs())}\n`);
      }
    },
    line: (line, prefix) => {
      narrator.stop();
      isStream = true;
      writeOut(redact(mode.json ? documentOf(line) : `${logLine(renderLine(line, prefix))}\n`));
    },
    text: (text) => {
      narrator.stop();
      if (mode.json) writeOut(documentOf({ text }));
      else writeOut(text);
    },
    error: (error) => {
      narrator.stop();
      if (mode.json) writeOut(redact(documentOf({ error: errorDocument(error) })));
      narrateError(error);
    },
  };
}

/** What is asked for because of them, and hides by itself what was not asked for. */
function showsSecrets(kind: keyof Results): boolean {
  return kind === "secrets" || kind === "connectionShow";
}
