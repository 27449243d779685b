import type { ServiceLine } from "../../stack/logs/read-logs.ts";
import type { TaskLine } from "../../stack/logs/task-log.ts";
import type { Paint } from "../colors.ts";

/** What can stand before a line of a service. */
export type LinePrefix = "service" | "time";

const narrowest = 8;

/** A line of a task as it is; one of a service after the service's name, in a colour of its own. */
export function createLineRenderer(
  paint: Paint,
): (line: ServiceLine | TaskLine, prefix?: readonly LinePrefix[]) => string {
  const colors = [paint.cyan, paint.yellow, paint.green, paint.magenta, paint.blue];
  const services: string[] = [];
  let width = narrowest;
  return (line, prefix = ["service"]) => {
    if (!("service" in line)) return line.text;
    const { service, at, text } = line;
    if (!services.includes(service)) services.push(service);
    width = Math.max(width, service.length);
    const color = colors[services.indexOf(service) % colors.length] ?? paint.cyan;
    const parts = {
      service: color(`${service.padEnd(width)} |`),
      // To the millisecond, which is what people read.
      time: paint.dim(at.replace(/(\.\d{3})\d*Z$/u, "$1Z")),
    };
    return [...prefix.map((part) => parts[part]), text].join(" ");
  };
}
