import { StackError } from "../../lib/errors.ts";
import type { ContainerObservation } from "../ports.ts";

export interface LogSource {
  readonly container: Pick<ContainerObservation, "id" | "service">;
  /** Whether a line is wanted; undefined for every line. */
  readonly takes: ((text: string) => boolean) | undefined;
}

/** Where they share a container, each line begins with the component's name: "scheduler     | ...". */
const components = ["api-server", "scheduler", "dag-processor", "triggerer"] as const;

/** The containers whose logs are meant; a component of Airflow's is a part of one. Throws USAGE for another name. */
export function selectSources(
  names: readonly string[],
  containers: readonly ContainerObservation[],
): readonly LogSource[] {
  if (names.length === 0) return containers.map((container) => ({ container, takes: undefined }));
  return names.map((name) => {
    const own = containers.find(({ service }) => service === name || service === `airflow-${name}`);
    if (own !== undefined) return { container: own, takes: undefined };
    const component = components.find((one) => name === one || name === `airflow-${one}`);
    const shared = containers.find(({ service }) => service === "airflow");
    if (component !== undefined && shared !== undefined) {
      const prefix = new RegExp(`^${component} *\\|`, "u");
      return { container: shared, takes: (text: string) => prefix.test(text) };
    }
    const known = containers.map(({ service }) => service).toSorted();
    throw new StackError("USAGE", `This stack has no service named "${name}".`, {
      hint: `Choose of ${[...known, ...(shared === undefined ? [] : components)].join(", ")}.`,
    });
  });
}
