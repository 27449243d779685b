import { describe, expect, test } from "vitest";
import { openPortNotes } from "../../../src/stack/open-ports.ts";
import { createStackWorld, upOf } from "../../support/stack-world.ts";

const stack = { name: "p", services: { minio: { image: "m" } }, volumes: {}, configs: {} };
const notesOf = (...ports: readonly unknown[]): readonly string[] =>
  openPortNotes(stack, { services: { minio: { ports } } });

describe("ports that more than this machine's programs can reach", () => {
  test.each([
    ["127.0.0.1:9000:9000"],
    ["127.0.0.53:9000:9000/tcp"],
    ["127.0.0.1::9000"],
    ["[::1]:9000:9000"],
    [{ target: 9000, published: "9000", host_ip: "127.0.0.1" }],
    [{ target: 9000, published: "9000", host_ip: "::1" }],
  ])("%j is not one", (port) => {
    expect(notesOf(port)).toEqual([]);
  });

  test.each([
    ["9000:9001"],
    ["9000:9001/udp"],
    ["0.0.0.0:9000:9001"],
    ["[::]:9000:9001"],
    [":9000:9001"],
    [{ target: 9001, published: 9000 }],
    [{ target: 9001, published: "9000", host_ip: "0.0.0.0" }],
  ])("%j is open to the network", (port) => {
    expect(notesOf(port)).toEqual([
      expect.stringMatching(/^Port 9000 \(minio\) is open on every address of this machine/u),
    ]);
  });

  test.each([["9001"], [9001], [{ target: 9001 }]])("%j is one that the engine chooses", (port) => {
    expect(notesOf(port)).toEqual([expect.stringMatching(/^A port of minio is open on every address/u)]);
  });

  test.each([
    ["192.168.1.7:9000:9001", "9000", "192.168.1.7"],
    ["[fd00::7]:9000:9001", "9000", "fd00::7"],
    ["${IP:-127.0.0.1}:${PORT:-9000}:9001", "${PORT:-9000}", "${IP:-127.0.0.1}"],
  ])("%j is open on one more address", (port, published, address) => {
    const [note = ""] = notesOf(port);
    expect(note.startsWith(`Port ${published} (minio) is open on ${address}, `)).toBe(true);
  });

  test("the machine's own network has them all", () => {
    const notes = openPortNotes(stack, { services: { mine: { network_mode: "host" } } });
    expect(notes).toEqual([expect.stringContaining("network_mode: host")]);
  });

  test("up says nothing of a stack as it comes, and warns of what its project opens, each time", async () => {
    const world = createStackWorld();
    const warnings = (): readonly unknown[] =>
      world.events.filter((event) => event.kind === "note" && event.level === "warning");
    await upOf(world);
    expect(warnings()).toEqual([]);

    const override = "services: { scheduler: { ports: ['8090:8080'] } }\n";
    await world.files.write("docker-compose.override.yml", override);
    await upOf(world);
    await expect(upOf(world)).resolves.toMatchObject({ changed: false });
    const note = expect.stringMatching(/^Port 8090 \(airflow\) is open on every address/u) as unknown;
    expect(warnings()).toEqual([
      expect.objectContaining({ text: note }),
      expect.objectContaining({ text: note }),
    ]);
  });
});
