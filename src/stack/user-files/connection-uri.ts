import type { AirflowConnection } from "../service-ports.ts";

const uriForm =
  /^(?<scheme>[a-z][\w.+-]*):\/\/(?:(?<login>[^:@/?]*)(?::(?<password>[^@/?]*))?@)?(?<host>[^:@/?\s]*)(?::(?<port>\d{1,5}))?(?:\/(?<schema>[^?]*))?(?:\?(?<query>.*))?$/iu;

/** A connection written as Airflow's URI form; undefined when it can't be read as one. */
export function connectionFromUri(id: string, uri: string): AirflowConnection | undefined {
  const parts = uriForm.exec(uri)?.groups;
  if (parts === undefined || !isPercentEncoded(uri.split("?")[0] ?? "")) return undefined;
  const plain = (name: string): string | undefined => {
    const part = parts[name] ?? "";
    return part === "" ? undefined : decodeURIComponent(part);
  };
  const { __extra__: whole, ...fields } = Object.fromEntries(new URLSearchParams(parts["query"]));
  return {
    id,
    type: (parts["scheme"] ?? "").replaceAll("-", "_"),
    host: plain("host"),
    port: parts["port"] === undefined ? undefined : Number(parts["port"]),
    login: plain("login"),
    password: plain("password"),
    schema: plain("schema"),
    extra: whole ?? (Object.keys(fields).length === 0 ? undefined : JSON.stringify(fields)),
    description: undefined,
  };
}

/** Whether each percent sign starts the code of a byte, and the bytes are UTF-8. */
function isPercentEncoded(text: string): boolean {
  try {
    decodeURIComponent(text);
    return true;
  } catch {
    return false;
  }
}
