import { quoteEnvValue, unquoteEnvValue } from "../lib/env-file.ts";
import { StackError } from "../lib/errors.ts";

/** Every secret of a stack, with what it opens. */
export const secretTable = {
  AIRFLOW_ADMIN_PASSWORD: { form: "short", use: "password of the Airflow user `admin`" },
  MINIO_ROOT_USER: { form: "short", use: "user name for the MinIO console" },
  MINIO_ROOT_PASSWORD: { form: "long", use: "password for the MinIO console" },
  S3_ACCESS_KEY: { form: "short", use: "access key that MLflow and tasks use" },
  S3_SECRET_KEY: { form: "key", use: "secret key that MLflow and tasks use" },
  MLFLOW_ADMIN_PASSWORD: { form: "short", use: "password of the MLflow user `admin`" },
  MLFLOW_PASSWORD: { form: "short", use: "password of the MLflow user `mlflow`, which tasks are" },
  MLFLOW_ELSEWHERE_PASSWORD: { form: "given", use: "password or token for an MLflow elsewhere" },
  POSTGRES_PASSWORD: { form: "long", use: "password of the PostgreSQL superuser `postgres`" },
  AIRFLOW_DB_PASSWORD: { form: "long", use: "password of the database role `airflow`" },
  MLFLOW_DB_PASSWORD: { form: "long", use: "password of the database role `mlflow`" },
  FERNET_KEY: { form: "fernet", use: "key that Airflow encrypts connections and variables with" },
  JWT_SECRET: { form: "long", use: "key that Airflow's components sign their tokens with" },
  API_SECRET: { form: "long", use: "key that Airflow signs browser sessions with" },
} as const satisfies Readonly<Record<string, { readonly form: Form; readonly use: string }>>;

/** What is given comes from the user, and is empty without him. MinIO takes names of 3 to 20 characters and secret keys of 8 to 40; a Fernet key is 32 bytes in base64url. */
type Form = "short" | "key" | "long" | "fernet" | "given";

export type SecretName = keyof typeof secretTable;
export type Secrets = Readonly<Record<SecretName, string>>;

export interface SecretEntry {
  readonly name: string;
  readonly use: string;
  /** Only of the secret that was asked for by name. */
  readonly value?: string;
}

export const secretNames: readonly SecretName[] = Object.keys(secretTable).filter(isSecretName);

export function isSecretName(name: string): name is SecretName {
  return Object.hasOwn(secretTable, name);
}

/** How the compose file refers to a secret; Compose fills it in from the `.env` beside that file. */
export function secretRef(name: SecretName): string {
  return `\${${variablePrefix}${name}}`;
}

export const variablePrefix = "STACK_SECRET_";
const jsonSuffix = "_JSON";

/** The same for a secret that the user gave, as a part of a string in a JSON text. */
export function secretRefInJson(name: SecretName): string {
  return `\${${variablePrefix}${name}${jsonSuffix}}`;
}

export function isGiven(name: string): boolean {
  return isSecretName(name) && secretTable[name].form === "given";
}

function insideJson(text: string): string {
  return JSON.stringify(text).slice(1, -1);
}

/** The secrets that `known` has, and a new one for each that it lacks. */
export function completeSecrets(
  known: Partial<Secrets>,
  randomBytes: (count: number) => Uint8Array,
): Secrets {
  const value = (name: SecretName): string => known[name] ?? makeSecret(secretTable[name].form, randomBytes);
  return {
    AIRFLOW_ADMIN_PASSWORD: value("AIRFLOW_ADMIN_PASSWORD"),
    MINIO_ROOT_USER: value("MINIO_ROOT_USER"),
    MINIO_ROOT_PASSWORD: value("MINIO_ROOT_PASSWORD"),
    S3_ACCESS_KEY: value("S3_ACCESS_KEY"),
    S3_SECRET_KEY: value("S3_SECRET_KEY"),
    MLFLOW_ADMIN_PASSWORD: value("MLFLOW_ADMIN_PASSWORD"),
    MLFLOW_PASSWORD: value("MLFLOW_PASSWORD"),
    MLFLOW_ELSEWHERE_PASSWORD: value("MLFLOW_ELSEWHERE_PASSWORD"),
    POSTGRES_PASSWORD: value("POSTGRES_PASSWORD"),
    AIRFLOW_DB_PASSWORD: value("AIRFLOW_DB_PASSWORD"),
    MLFLOW_DB_PASSWORD: value("MLFLOW_DB_PASSWORD"),
    FERNET_KEY: value("FERNET_KEY"),
    JWT_SECRET: value("JWT_SECRET"),
    API_SECRET: value("API_SECRET"),
  };
}

// Hex throughout: no character that a URL, SQL, a shell, an env file or a command line reads in its own way.
function makeSecret(form: Form, randomBytes: (count: number) => Uint8Array): string {
  if (form === "given") return "";
  if (form === "fernet") {
    const base64 = btoa(String.fromCodePoint(...randomBytes(32)));
    return base64.replaceAll("+", "-").replaceAll("/", "_");
  }
  const bytes = { short: 10, key: 20, long: 32 }[form];
  return Array.from(randomBytes(bytes), (byte) => byte.toString(16).padStart(2, "0")).join("");
}

export function renderSecrets(secrets: Secrets): string {
  const lines = secretNames.flatMap((name) => {
    const line = `${variablePrefix}${name}=${quoteEnvValue(secrets[name])}`;
    // What the user chose may hold characters that mean something inside a JSON text.
    return secretTable[name].form === "given"
      ? [line, `${variablePrefix}${name}${jsonSuffix}=${quoteEnvValue(insideJson(secrets[name]))}`]
      : [line];
  });
  return [
    "# Generated for this stack; `stack up` makes the data in its volumes agree with it.",
    ...lines,
    "",
  ].join("\n");
}

/** The values in the text of a secrets file, whatever state it is in: for masking. */
export function secretValuesIn(text: string): readonly string[] {
  return [...text.matchAll(/^STACK_SECRET_\w+=(.+)$/gmu)].map(
    ([, value = ""]) => unquoteEnvValue(value.trim()) ?? value.trim(),
  );
}

/** What services take; anything else was cut off. */
const soundValue = {
  short: /^[\w=-]{3,}$/u,
  key: /^[\w=-]{8,40}$/u,
  long: /^[\w=-]{8,}$/u,
  fernet: /^[\w-]{43}=$/u,
};

/** The secrets in the text of a secrets file, whatever else is in it. */
export function soundSecretsIn(text: string): Partial<Secrets> {
  const secrets: { -readonly [name in SecretName]?: string } = {};
  for (const [, name = "", written = ""] of text.matchAll(/^STACK_SECRET_(\w+)=(.*?)\r?$/gmu)) {
    if (!isSecretName(name)) continue;
    const { form } = secretTable[name];
    const value = form === "given" ? unquoteEnvValue(written) : soundValue[form].exec(written)?.[0];
    if (value !== undefined) secrets[name] = value;
  }
  return secrets;
}

/** All that the stack makes by itself, whichever of them `secrets` has. */
export function isWhole(secrets: Partial<Secrets>): boolean {
  return secretNames.every((name) => secrets[name] !== undefined || isGiven(name));
}

/** What to do about a file that lacks some. */
export const findSecretsHint = "Run `stack up`: it finds the secrets again, or gives the data new ones.";

/** Throws CONFIG_INVALID for a line that isn't one of ours: only `stack up` can tell what belongs there. */
export function parseSecrets(text: string, fileName: string): Partial<Secrets> {
  const secrets: { -readonly [name in SecretName]?: string } = {};
  for (const [index, line] of text.split("\n").entries()) {
    if (line.trim() === "" || line.startsWith("#")) continue;
    const [, name = "", written = ""] = /^STACK_SECRET_(\w+)=(.*)$/u.exec(line.trim()) ?? [];
    if (name.endsWith(jsonSuffix) && isGiven(name.slice(0, -jsonSuffix.length))) continue;
    const value = isGiven(name) ? unquoteEnvValue(written) : /^[\w=-]+$/u.exec(written)?.[0];
    if (!isSecretName(name) || value === undefined) {
      throw new StackError(
        "CONFIG_INVALID",
        `${fileName}:${index + 1}: the secrets file was changed or cut off there.`,
        { hint: findSecretsHint },
      );
    }
    secrets[name] = value;
  }
  return secrets;
}
