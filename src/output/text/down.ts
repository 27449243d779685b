import type { DownResult } from "../../stack/down.ts";
import type { Paint } from "../colors.ts";
import { formatCount } from "../format.ts";

export function renderDown({ project, removed, keptVolumes }: DownResult, paint: Paint): string {
  const parts = [
    count(removed.containers, "container"),
    count(removed.networks, "network"),
    count(removed.volumes, "volume"),
  ].filter((part) => part !== "");
  const headline =
    parts.length === 0
      ? `The stack ${project} was down already.`
      : `The stack ${project} is down: removed ${parts.join(", ")}.`;
  if (keptVolumes.length === 0) return paint.bold(headline);
  return `${paint.bold(headline)}\nIts data stays for the next \`stack up\`; \`stack down --volumes\` deletes it.`;
}

function count(number: number, noun: string): string {
  return number === 0 ? "" : formatCount(number, noun);
}
