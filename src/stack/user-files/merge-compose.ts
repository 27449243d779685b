import { isData, isList, mapValues, toMapping, type Data } from "./compose-data.ts";

/** Replaced as a whole, as Compose does it. */
const replaced = new Set(["command", "entrypoint", "test"]);
/** May be a list of "name=value" on either side. */
const mappings = new Set(["environment", "labels", "annotations", "sysctls", "args"]);

/** One compose file laid over another, by the rules that Compose itself merges files with. */
export function mergeCompose(base: Data, over: Data): Data {
  const laid = mapValues(over, (value, key) =>
    Object.hasOwn(base, key) ? mergeValue(key, base[key], value) : value,
  );
  return { ...base, ...laid };
}

function mergeValue(key: string, base: unknown, over: unknown): unknown {
  if (over === undefined || over === null) return base;
  if (replaced.has(key)) return over;
  const [left, right] = mappings.has(key)
    ? [toMapping(base), toMapping(over)]
    : key === "depends_on" || key === "networks"
      ? [namesToMapping(base, key), namesToMapping(over, key)]
      : [base, over];
  if (isData(left) && isData(right)) return mergeCompose(left, right);
  if (!isList(left) || !isList(right)) return right;
  if (key !== "volumes" && key !== "configs") return [...new Set([...left, ...right])];
  const targets = new Set(right.map(targetOf));
  return [...left.filter((item) => !targets.has(targetOf(item))), ...right];
}

/** "depends_on" and "networks" as mappings by name. */
function namesToMapping(value: unknown, key: string): unknown {
  if (!Array.isArray(value)) return value;
  const each = key === "depends_on" ? { condition: "service_started" } : null;
  return Object.fromEntries(value.map((name) => [String(name), each]));
}

/** Where in the container a mount goes: of two with the same target the later one holds. */
function targetOf(mount: unknown): unknown {
  if (isData(mount)) return mount["target"];
  const parts = String(mount).split(":");
  return parts[1] ?? parts[0];
}
