import { parse } from "yaml";
import { exec } from "./exec.ts";
import type { Layout } from "./layout.ts";

export interface Images {
  readonly airflow: string;
  readonly mlflow: string;
  readonly minio: string;
  readonly postgres: string;
}

interface ComposeFile {
  readonly services: Readonly<Record<string, { readonly image: string }>>;
}

/** The images that the stack runs, built first where the engine lacks one; the other layout runs the same. */
export async function provideImages(stack: Layout): Promise<Images> {
  const { services } = parse(await stack.cli("up", "--dry-run")) as ComposeFile;
  const imageOf = (name: string): string => {
    const found = Object.entries(services).find(([service]) => service.startsWith(name));
    if (found === undefined) throw new Error(`the stack has no service ${name}`);
    return found[1].image;
  };
  const images = {
    airflow: imageOf("airflow"),
    mlflow: imageOf("mlflow"),
    minio: imageOf("minio"),
    postgres: imageOf("postgres"),
  };
  try {
    await exec("docker", ["image", "inspect", ...Object.values(images)]);
  } catch {
    await stack.start();
    await stack.destroy();
  }
  return images;
}
