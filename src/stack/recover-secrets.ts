import { oneShots } from "./compose-file.ts";
import type { ComposeFile, ComposeService } from "./compose-types.ts";
import { isWell, judgeServices } from "./health.ts";
import type { Engine } from "./ports.ts";
import { isSecretName, soundSecretsIn, variablePrefix, type SecretName, type Secrets } from "./secrets.ts";

/** What a project's containers were given as secrets. */
export interface GivenSecrets {
  /** One value for each, where two containers differ. */
  readonly known: Partial<Secrets>;
  /** Those that services which are all well agree on, so that their data opens to them; else empty. */
  readonly proven: Partial<Secrets>;
}

/** Reads from a project's containers, running or not, what the compose file gives to services. */
export async function findGivenSecrets(
  file: ComposeFile,
  project: string,
  engine: Engine,
): Promise<GivenSecrets> {
  const containers = await engine.containers(project);
  const found = new Map<SecretName, string>();
  let agree = true;
  const note = (name: SecretName, value: string): void => {
    agree &&= (found.get(name) ?? value) === value;
    found.set(name, value);
  };
  for (const { id, service } of containers) {
    const definition = file.services[service];
    if (definition === undefined) continue;
    const environment = await engine.environment(id);
    for (const [variable, template] of Object.entries(definition.environment ?? {})) {
      match(template, environment[variable], note);
    }
    for (const { content, target } of secretConfigs(definition, file)) {
      match(content, await engine.readFile(id, target), note);
    }
  }
  // By the same rules as those from the file: what is no secret there is none here.
  const known = soundSecretsIn(
    [...found].map(([name, value]) => `${variablePrefix}${name}=${value}`).join("\n"),
  );
  const isUp = judgeServices(Object.keys(file.services), oneShots(file), containers).every(isWell);
  return { known, proven: isUp && agree ? known : {} };
}

const reference = /\$\{STACK_SECRET_(\w+)\}/gu;

function secretConfigs(
  { configs = [] }: ComposeService,
  file: ComposeFile,
): readonly { readonly content: string; readonly target: string }[] {
  return configs.flatMap(({ source, target }) => {
    const content = file.configs[source]?.content ?? "";
    return content.includes(`\${${variablePrefix}`) ? [{ content, target }] : [];
  });
}

/** Reads from a text what the references in its template stood for. */
function match(
  template: string,
  text: string | undefined,
  note: (name: SecretName, value: string) => void,
): void {
  const names = [...template.matchAll(reference)].map(([, name = ""]) => name);
  if (text === undefined || names.length === 0) return;
  // The parts between, in which Compose takes `$$` for one.
  const parts = template
    .split(/\$\{STACK_SECRET_\w+\}/u)
    .map((part) => part.replaceAll("$$", "$").replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`));
  const values = new RegExp(`^${parts.join(String.raw`([\w=-]+)`)}$`, "u").exec(text)?.slice(1) ?? [];
  for (const [index, name] of names.entries()) {
    const value = values[index];
    if (value !== undefined && isSecretName(name)) note(name, value);
  }
}
