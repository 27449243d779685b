import type { TaskInstance } from "./service-ports.ts";

/** What a task is called in its run; a copy of a mapped one is `task[3]`. */
export function taskName({ taskId, mapIndex }: Pick<TaskInstance, "taskId" | "mapIndex">): string {
  return mapIndex < 0 ? taskId : `${taskId}[${mapIndex}]`;
}
