import { describe, expect, test } from "vitest";
import { composeArgs } from "../../../src/adapters/compose-cli.ts";
import { buildArgs } from "../../../src/adapters/image-builder.ts";

describe("argument lists", () => {
  test("up starts the file's services in the background and removes what is no longer in it", () => {
    expect(composeArgs.up(".stack/compose.yaml")).toEqual([
      "compose",
      "--progress=plain",
      "--file=.stack/compose.yaml",
      "up",
      "--detach",
      "--remove-orphans",
    ]);
  });

  test("down goes by the project's name, and takes volumes only when asked", () => {
    expect(composeArgs.down("housing", false)).not.toContain("--volumes");
    expect(composeArgs.down("housing", true)).toContain("--volumes");
    expect(composeArgs.down("housing", true)).toContain("--project-name=housing");
  });

  test("a command in a container keeps its own arguments apart from Compose's", () => {
    const args = composeArgs.exec("f.yaml", "airflow", ["python", "-c", "print(1); --volumes"]);
    expect(args.slice(-4)).toEqual(["airflow", "python", "-c", "print(1); --volumes"]);
  });

  test("a build hands certificates and environment over as secrets, never as arguments", () => {
    const request = {
      contextDir: "/recipe",
      tag: "stack-x:1",
      labels: { a: "b" },
      buildArgs: { BASE: "base:1" },
    };
    const args = buildArgs(request, { caFile: "/etc/ca.pem", envFile: "/tmp/env" });
    expect(args).toContain("--secret=id=ca,src=/etc/ca.pem");
    expect(args).toContain("--secret=id=buildenv,src=/tmp/env");
    expect(args).toContain("--build-arg=BASE=base:1");
    expect(args).toContain("--label=a=b");
    expect(args.at(-1)).toBe("/recipe");
    expect(buildArgs(request, { caFile: undefined, envFile: "/tmp/env" }).join(" ")).not.toContain("id=ca");
  });
});
