import { chmodSync } from "node:fs";
import { build } from "rolldown";

/*
 * Writes the tool to dist/, one file for each part that is loaded by itself: to find, read and link hundreds of small
 * modules takes longer than most commands have to do.
 */
await build({
  input: "src/cli.ts",
  platform: "node",
  // What it would load at once and nobody calls is left out where it is loaded.
  external: ["dockerode"],
  output: { dir: "dist", cleanDir: true },
});
chmodSync("dist/cli.js", 0o755);
