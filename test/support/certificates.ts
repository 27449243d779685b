import { writeFile } from "node:fs/promises";
import { join } from "node:path";
import { output } from "./run.ts";

/** An authority of the test's own, and certificates that it signs, made with openssl in a folder. */
export interface Authority {
  readonly dir: string;
  /** Its certificate, in PEM. */
  readonly file: string;
  /** Signs a certificate for these names ("DNS:a", "IP:1.2.3.4"); gives the paths of both parts. */
  sign(
    name: string,
    subjects: readonly string[],
    days?: number,
  ): Promise<{ readonly certificate: string; readonly key: string }>;
}

const keyOptions = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes"];

export async function createAuthority(dir: string): Promise<Authority> {
  const openssl = async (...args: string[]): Promise<void> => {
    await output("openssl", args, dir);
  };
  const extensions = ["basicConstraints=critical,CA:TRUE", "keyUsage=critical,keyCertSign"];
  await openssl(
    "req",
    "-x509",
    ...keyOptions,
    "-keyout",
    "authority.key",
    "-out",
    "authority.pem",
    "-days",
    "2",
    "-subj",
    "/CN=test authority",
    ...extensions.flatMap((text) => ["-addext", text]),
  );
  return {
    dir,
    file: join(dir, "authority.pem"),
    sign: async (name, subjects, days = 2) => {
      await writeFile(join(dir, `${name}.ext`), `subjectAltName=${subjects.join(",")}\n`);
      await openssl(
        "req",
        ...keyOptions,
        "-keyout",
        `${name}.key`,
        "-out",
        `${name}.csr`,
        "-subj",
        `/CN=${name}`,
      );
      await openssl(
        "x509",
        "-req",
        "-in",
        `${name}.csr`,
        "-out",
        `${name}.pem`,
        "-days",
        String(days),
        "-extfile",
        `${name}.ext`,
        "-CA",
        "authority.pem",
        "-CAkey",
        "authority.key",
        "-CAcreateserial",
      );
      return { certificate: join(dir, `${name}.pem`), key: join(dir, `${name}.key`) };
    },
  };
}
