import { describe, expect, test } from "vitest";
import { readThroughClient } from "../../../src/stack/client-artifacts.ts";

const run = { runId: "abc", modelIds: ["m-1"] };

function answering(stdout: string, exitCode = 0, stderr = "") {
  const commands: (readonly string[])[] = [];
  const exec = async (command: readonly string[]) => {
    commands.push(command);
    return { exitCode, stdout, stderr };
  };
  return { commands, deps: { exec, program: "print()" } };
}

describe("what a run left, read by the client in Airflow's container", () => {
  test("is its last line, whatever libraries print before", async () => {
    const answer = { content: btoa("a,b"), files: [{ key: "MLmodel", bytes: 3 }] };
    const { commands, deps } = answering(`a warning\n${JSON.stringify(answer)}\n`);
    const found = await readThroughClient(run, "features.csv", deps);
    expect(new TextDecoder().decode(found.content)).toBe("a,b");
    expect(found.modelFiles).toEqual([{ key: "MLmodel", bytes: 3 }]);
    expect(JSON.parse(commands[0]?.at(-1) ?? "")).toEqual({
      run_id: "abc",
      path: "features.csv",
      model_ids: ["m-1"],
      model: null,
      delete: false,
    });
  });

  test("has no content when there is no such file", async () => {
    const { deps } = answering('{"content": null, "files": []}');
    await expect(readThroughClient(run, "x", deps)).resolves.toEqual({ content: undefined, modelFiles: [] });
  });

  test.each([
    ["", 1, "Traceback\nMlflowException: no"],
    ["not JSON", 0, "MlflowException: no"],
  ])("is refused with the client's last words: %j", async (stdout, exitCode, stderr) => {
    const { deps } = answering(stdout, exitCode, stderr);
    await expect(readThroughClient(run, "x", deps)).rejects.toMatchObject({
      code: "MLFLOW_REFUSED",
      message: "The files of the run abc can't be read: MlflowException: no.",
    });
  });
});
