import { v } from "../lib/schema.ts";
import {
  machineFromContainers,
  mlflowAuths,
  mlflowModes,
  tokenLogin,
  type MlflowSpec,
  type OwnMlflow,
} from "./mlflow-spec.ts";
import { settingsError } from "./settings-error.ts";

const urlRule = "a URL such as https://mlflow.example:5000, without login, query or fragment";
const loopbackRule = `a URL that containers reach too; for an MLflow on this machine write ${machineFromContainers} for localhost`;

const url = v.pipe(
  v.string(urlRule),
  v.check(isPlainUrl, urlRule),
  v.check((text) => !isPlainUrl(text) || !isLoopback(new URL(text).hostname), loopbackRule),
);

const loginRule = "a user name without colon or control character";
const login = v.pipe(v.string(loginRule), v.regex(/^[^:\p{Cc}]+$/u, loginRule));
const pathRule = "the path of a file";
const path = v.pipe(v.string(pathRule), v.regex(/^[^\0\r\n]+$/u, pathRule));
const folderRule = "a folder of the workspace, as /Shared";
const folder = v.pipe(v.string(folderRule), v.regex(/^\/[^\0\r\n]*[^\0\r\n/]$/u, folderRule));

/** The section `mlflow` of stack.yaml. Neither password nor token is among its keys. */
export const mlflowSettings = {
  mode: v.optional(v.picklist(mlflowModes, mlflowModes.join(", "))),
  auth: v.optional(v.picklist(mlflowAuths, mlflowAuths.join(", "))),
  url: v.optional(url),
  login: v.optional(login),
  password_file: v.optional(path),
  ca_file: v.optional(path),
  experiment_folder: v.optional(folder),
};

export const mlflowKeys = Object.keys(mlflowSettings);

type MlflowLayer = {
  readonly [K in keyof typeof mlflowSettings]?: v.InferOutput<(typeof mlflowSettings)[K]>;
};

/** What decides about logins where no setting does. */
interface OwnLogins {
  /** Whether the stack's own MLflow is one that can ask for them. */
  readonly canAsk: boolean;
  /** Whether tasks have the stack's connection: a project's own, as in many tutorials, has no login or an invented one. */
  readonly isExpected: boolean;
}

/** The section as all layers together make it. Throws CONFIG_INVALID. */
export function mlflowFrom(layers: readonly (MlflowLayer | undefined)[], logins: OwnLogins): MlflowSpec {
  const settings: MlflowLayer = {};
  for (const layer of layers) Object.assign(settings, layer);
  const { mode = "local", login: user, password_file: passwordFile, ca_file: caFile } = settings;
  if (mode === "local") return { mode, auth: authFrom(settings.auth, logins) };
  if (settings.url === undefined) {
    throw settingsError([`mlflow.url: found nothing; allowed with mlflow.mode ${mode}: ${urlRule}.`]);
  }
  const address = settings.url.replace(/\/+$/u, "");
  if (mode === "remote") {
    return { mode, url: address, login: user, passwordFile, caFile, experimentFolder: "" };
  }
  if (!address.startsWith("https://")) {
    throw settingsError([
      `mlflow.url: found ${JSON.stringify(address)}; allowed with mlflow.mode databricks: a URL that starts with https://.`,
    ]);
  }
  if (user !== undefined && user !== tokenLogin) {
    throw settingsError([
      `mlflow.login: found ${JSON.stringify(user)}; allowed with mlflow.mode databricks: nothing, or "${tokenLogin}".`,
    ]);
  }
  const experimentFolder = settings.experiment_folder ?? "/Shared";
  return { mode, url: address, login: tokenLogin, passwordFile, caFile, experimentFolder };
}

function authFrom(auth: MlflowLayer["auth"], { canAsk, isExpected }: OwnLogins): OwnMlflow["auth"] {
  if (auth !== "basic" || canAsk) return auth ?? (canAsk && isExpected ? "basic" : "none");
  throw settingsError([
    'mlflow.auth: found "basic"; allowed on the classic line and with an image of your own for mlflow: none.',
  ]);
}

function isPlainUrl(text: string): boolean {
  if (!/^https?:\/\/[^\s$]+$/u.test(text) || !URL.canParse(text)) return false;
  const { username, password, search, hash } = new URL(text);
  return `${username}${password}${search}${hash}` === "";
}

function isLoopback(host: string): boolean {
  return host === "localhost" || host.endsWith(".localhost") || host.startsWith("127.") || host === "[::1]";
}
