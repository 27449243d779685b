import type { ComposeFile, ComposeService } from "./compose-types.ts";
import type { ContainerObservation, Engine } from "./ports.ts";
import { isSecretName, soundSecretsIn, variablePrefix, type SecretName, type Secrets } from "./secrets.ts";

/** The secrets that a project's containers were given, running or not; where two differ, one of them. */
export async function recoverSecrets(
  file: ComposeFile,
  containers: readonly ContainerObservation[],
  engine: Engine,
): Promise<Partial<Secrets>> {
  const found = new Map<SecretName, string>();
  for (const { id, service } of containers) {
    const definition = file.services[service];
    if (definition === undefined) continue;
    const environment = await engine.environment(id);
    for (const [variable, template] of Object.entries(definition.environment ?? {})) {
      match(template, environment[variable], found);
    }
    for (const { content, target } of secretConfigs(definition, file)) {
      match(content, await engine.readFile(id, target), found);
    }
  }
  // By the same rules as those from the file: what is no secret there is none here.
  return soundSecretsIn([...found].map(([name, value]) => `${variablePrefix}${name}=${value}`).join("\n"));
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
function match(template: string, text: string | undefined, found: Map<SecretName, string>): void {
  const names = [...template.matchAll(reference)].map(([, name = ""]) => name);
  if (text === undefined || names.length === 0) return;
  // The parts between, in which Compose takes `$$` for one.
  const parts = template
    .split(/\$\{STACK_SECRET_\w+\}/u)
    .map((part) => part.replaceAll("$$", "$").replaceAll(/[\\^$.*+?()[\]{}|]/gu, String.raw`\$&`));
  const values = new RegExp(`^${parts.join(String.raw`([\w=-]+)`)}$`, "u").exec(text)?.slice(1) ?? [];
  for (const [index, name] of names.entries()) {
    const value = values[index];
    if (value !== undefined && isSecretName(name)) found.set(name, value);
  }
}
