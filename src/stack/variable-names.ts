import { similarTo } from "../lib/similar.ts";
import { mlflowKeys } from "./mlflow-settings.ts";
import { passwordVariable } from "./mlflow-spec.ts";
import { settingsError } from "./settings-error.ts";
import { imageNames, portNames } from "./spec.ts";

type SettingKind = "PORT" | "IMAGE" | "MLFLOW";

interface Family {
  readonly kind: SettingKind;
  readonly known: readonly string[];
  /** What an unknown one may have been meant for. */
  readonly elsewhere: string;
}

const families: readonly Family[] = [
  { kind: "PORT", known: portNames.map((name) => variableOf("PORT", name)), elsewhere: "" },
  { kind: "IMAGE", known: imageNames.map((name) => variableOf("IMAGE", name)), elsewhere: "" },
  {
    kind: "MLFLOW",
    known: [...mlflowKeys.map((key) => variableOf("MLFLOW", key)), passwordVariable],
    // Containers read switches of the same prefix, STACK_MLFLOW_RIGHTS for one.
    elsewhere: "; what a container reads belongs under env.mlflow or env.airflow in stack.yaml",
  },
];

/** The variable that has the setting of this name. */
export function variableOf(kind: SettingKind, name: string): string {
  return `STACK_${kind}_${name.toUpperCase()}`;
}

/** Every variable that has a setting. */
export const settingVariables = ["STACK_PROJECT", "STACK_BUCKET", ...families.flatMap(({ known }) => known)];

function unknown(name: string, known: readonly string[], elsewhere = ""): string {
  return `environment variable ${name}: found an unknown name; allowed: ${known.join(", ")}${elsewhere}.`;
}

/**
 * Throws CONFIG_INVALID for variables that are named like settings and are none: a misspelt one would do nothing. Other
 * programs have variables that begin with STACK_ too, so those that look like none of ours are left alone.
 */
export function refuseUnknownVariables(env: Readonly<Record<string, string | undefined>>): void {
  const given = Object.keys(env).filter((name) => env[name] !== undefined);
  const problems = families.flatMap(({ kind, known, elsewhere }) =>
    given
      .filter((name) => name.startsWith(`STACK_${kind}_`) && !known.includes(name))
      .map((name) => unknown(name, known, elsewhere)),
  );
  const slips = given.flatMap((name) => {
    const meant = similarTo(name, settingVariables);
    const isTold = families.some(({ kind }) => name.startsWith(`STACK_${kind}_`));
    return meant === undefined || isTold ? [] : [unknown(name, [meant])];
  });
  if (problems.length + slips.length > 0) throw settingsError([...problems, ...slips]);
}
