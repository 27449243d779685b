import { StackError } from "../../lib/errors.ts";
import type { ProjectFiles } from "../ports.ts";
import { airflowSettingsPath, parseAirflowSettings } from "./airflow-settings.ts";
import { envPath, parseEnv } from "./env-file.ts";

/** What may be secret in a project's own files: for masking. Nothing of one that can't be parsed. */
export async function secretValuesOf(files: Pick<ProjectFiles, "read">): Promise<readonly string[]> {
  const [env, settings] = await Promise.all(
    [envPath, airflowSettingsPath].map(async (path) => await files.read(path)),
  );
  return [...parseEnv(env ?? "").values(), ...valuesOfSettings(settings ?? "")];
}

function valuesOfSettings(text: string): readonly string[] {
  try {
    const { connections, variables } = parseAirflowSettings(text);
    return [
      ...connections.flatMap(({ password, extra }) => [password ?? [], extra ?? []].flat()),
      ...variables.map(({ value }) => value),
    ];
  } catch (error) {
    if (error instanceof StackError) return [];
    throw error;
  }
}
