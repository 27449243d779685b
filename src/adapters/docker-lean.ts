import { createRequire, Module } from "node:module";

/**
 * Has what dockerode loads for SSH connections and BuildKit sessions wait until one of these is made: loading it
 * takes a tenth of a second of every command. To be called before dockerode is imported.
 */
export function leaveOutUnused(): void {
  const fromDockerode = createRequire(createRequire(import.meta.url).resolve("dockerode"));
  const fromModem = createRequire(fromDockerode.resolve("docker-modem"));
  defer(fromModem, "ssh2", "Client");
  defer(fromDockerode, "protobufjs");
  defer(fromDockerode, "@grpc/grpc-js");
  defer(fromDockerode, "@grpc/proto-loader");
}

/** `className` is what the module's user takes out of it at once, to make objects of later. */
function defer(require: NodeJS.Require, name: string, className?: string): void {
  const file = require.resolve(name);
  if (require.cache[file] !== undefined) return;
  const member = (property: PropertyKey): unknown => {
    if (require.cache[file] === standIn) Reflect.deleteProperty(require.cache, file);
    return Reflect.get(objectFrom(require(name)), property);
  };
  const get = (_: object, property: PropertyKey): unknown =>
    property === className ? laterClass(() => member(className)) : member(property);
  const standIn = Object.assign(new Module(file), { exports: new Proxy({}, { get }), loaded: true });
  require.cache[file] = standIn;
}

function laterClass(load: () => unknown): object {
  const construct = (_: object, args: unknown[]): object => {
    const real = load();
    if (typeof real !== "function") throw new TypeError("expected a class");
    return objectFrom(Reflect.construct(real, args));
  };
  // Only a function can be made objects of.
  return new Proxy(function standIn() {}, { construct });
}

function objectFrom(value: unknown): object {
  if ((typeof value === "object" && value !== null) || typeof value === "function") return value;
  throw new TypeError("expected an object");
}
