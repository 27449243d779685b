import { request } from "node:http";

/** What a browser sends on behalf of a page; unlike `fetch`, with headers that a page can't choose itself. */
export interface BrowserRequest {
  readonly port: number;
  readonly path: string;
  readonly method?: string;
  readonly headers?: Readonly<Record<string, string>>;
  readonly body?: string;
}

export interface BrowserAnswer {
  readonly status: number;
  readonly headers: Readonly<Record<string, string | readonly string[] | undefined>>;
  readonly text: string;
}

/** Sends it to this machine, under whatever name `headers.host` has. */
export async function send({
  port,
  path,
  method = "GET",
  headers = {},
  body,
}: BrowserRequest): Promise<BrowserAnswer> {
  return await new Promise((resolve, reject) => {
    const sent = request({ host: "127.0.0.1", port, path, method, headers, agent: false }, (answer) => {
      let text = "";
      answer.setEncoding("utf8");
      answer.on("data", (chunk: string) => (text += chunk));
      answer.once("end", () => {
        resolve({ status: answer.statusCode ?? 0, headers: answer.headers, text });
      });
    });
    sent.once("error", reject);
    sent.end(body);
  });
}
