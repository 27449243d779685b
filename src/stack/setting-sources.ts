import { mlflowKeys } from "./mlflow-settings.ts";
import { settingsError } from "./settings-error.ts";
import { checkSettings } from "./settings.ts";
import type { Settings } from "./spec-schema.ts";
import { imageNames, portNames } from "./spec.ts";
import { refuseUnknownVariables, variableOf } from "./variable-names.ts";

/** Settings that can be given on the command line; ports and images as "name=value". */
export interface SettingFlags {
  readonly project?: string | undefined;
  readonly bucket?: string | undefined;
  readonly port?: readonly string[] | undefined;
  readonly image?: readonly string[] | undefined;
}

/** Throws CONFIG_INVALID naming the variable. */
export function settingsFromEnv(env: Readonly<Record<string, string | undefined>>): Settings {
  refuseUnknownVariables(env);
  const read = (kind: "PORT" | "IMAGE" | "MLFLOW", keys: readonly string[]) =>
    Object.fromEntries(
      keys.flatMap((key) => {
        const value = env[variableOf(kind, key)];
        return value === undefined ? [] : [[key, kind === "PORT" ? numberFrom(value) : value]];
      }),
    );
  const mlflow = read("MLFLOW", mlflowKeys);
  const raw = {
    ...(env["STACK_PROJECT"] === undefined ? {} : { project: env["STACK_PROJECT"] }),
    ...(env["STACK_BUCKET"] === undefined ? {} : { bucket: env["STACK_BUCKET"] }),
    ports: read("PORT", portNames),
    images: read("IMAGE", imageNames),
    ...(Object.keys(mlflow).length === 0 ? {} : { mlflow }),
  };
  return checkSettings(raw, (path) => {
    const [section, key] = path.map((part) => String(part).toUpperCase());
    const kind =
      section === "PORTS"
        ? "PORT_"
        : section === "IMAGES"
          ? "IMAGE_"
          : section === "MLFLOW"
            ? "MLFLOW_"
            : section;
    return `environment variable STACK_${kind ?? ""}${key ?? ""}`;
  });
}

/** Throws CONFIG_INVALID naming the flag. */
export function settingsFromFlags(flags: SettingFlags): Settings {
  const [ports, images] = [(flags.port ?? []).map(splitAssignment), (flags.image ?? []).map(splitAssignment)];
  refuseTwice([
    ["--port", ports],
    ["--image", images],
  ]);
  const raw = {
    ...(flags.project === undefined ? {} : { project: flags.project }),
    ...(flags.bucket === undefined ? {} : { bucket: flags.bucket }),
    ports: Object.fromEntries(ports.map(([name, value]) => [name, numberFrom(value)])),
    images: Object.fromEntries(images),
  };
  return checkSettings(raw, ([section, key]) => {
    const flag = section === "ports" ? "--port" : section === "images" ? "--image" : `--${section}`;
    return key === undefined ? flag : `${flag} ${key}`;
  });
}

type Assignment = readonly [name: string, value: string];

/** One of two values for the same name would be passed over without a word. */
function refuseTwice(given: readonly (readonly [flag: string, assignments: readonly Assignment[]])[]): void {
  const problems = given.flatMap(([flag, assignments]) =>
    [...Map.groupBy(assignments, ([name]) => name)].flatMap(([name, same]) => {
      const values = same.map(([, value]) => JSON.stringify(value));
      return values.length < 2 ? [] : [`${flag} ${name}: found ${values.join(" and ")}; allowed: one value.`];
    }),
  );
  if (problems.length > 0) throw settingsError(problems);
}

function splitAssignment(text: string): Assignment {
  const at = text.indexOf("=");
  return at === -1 ? [text, ""] : [text.slice(0, at), text.slice(at + 1)];
}

/** Text that isn't a plain decimal number stays text, for the schema to refuse and quote. */
function numberFrom(text: string): number | string {
  return /^\d{1,9}$/u.test(text) ? Number(text) : text;
}
