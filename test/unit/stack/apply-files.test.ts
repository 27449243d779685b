import { describe, expect, test } from "vitest";
import { down } from "../../../src/commands/down.ts";
import { createStackWorld, upOf, type StackWorld } from "../../support/stack-world.ts";

const rewritten = "was not as the last `stack up` left it; it is written anew";
const anew = "secrets that nothing else tells are made anew, and the data is given them";
const begun = "the record of starts begins anew";

/** What `up` tells of the stack's own folder. */
async function toldBy(world: StackWorld): Promise<readonly string[]> {
  const earlier = world.events.length;
  await upOf(world);
  return world.events
    .slice(earlier)
    .flatMap((event) => (event.kind === "note" && event.text.includes(".stack/") ? [event.text] : []));
}

async function damage({ files }: StackWorld, path: string, how: "gone" | "damaged"): Promise<void> {
  if (how === "gone") files.files.delete(path);
  else await files.write(path, "");
}

describe("what was lost of the stack's folder", () => {
  test("is not told of where nothing was, or is all there", async () => {
    const world = createStackWorld();
    await expect(toldBy(world)).resolves.toEqual([]);
    await expect(toldBy(world)).resolves.toEqual([]);
  });

  test("is not told of by a change of the settings", async () => {
    const world = createStackWorld();
    await upOf(world);
    await world.files.write("stack.yaml", "bucket: other-bucket\n");
    await expect(toldBy(world)).resolves.toEqual([]);
  });

  test.each([
    [".stack/.gitignore", "gone", rewritten],
    [".stack/compose.yaml", "gone", rewritten],
    [".stack/compose.yaml", "damaged", rewritten],
    [".stack/state.json", "gone", "is gone; it is written anew"],
    [".stack/state.json", "damaged", "is damaged; it is written anew"],
    // The containers here know nothing of secrets.
    [".stack/.env", "gone", `is gone; ${anew}`],
    [".stack/.env", "damaged", `is damaged; ${anew}`],
  ] as const)("is told by the next up: %s %s", async (path, how, words) => {
    const world = createStackWorld();
    await upOf(world);
    await damage(world, path, how);
    await expect(toldBy(world)).resolves.toEqual([`${path} ${words}`]);
    await expect(toldBy(world)).resolves.toEqual([]);
  });

  test("is told of the times of starts by the next start", async () => {
    const world = createStackWorld();
    await upOf(world);
    await down(world.context(), { volumes: false, yes: false });
    await damage(world, ".stack/timings.json", "damaged");
    await expect(toldBy(world)).resolves.toEqual([`.stack/timings.json is damaged; ${begun}`]);
  });
});
