import { effectiveLayout } from "../layout.ts";
import { airflowClassic } from "./airflow-classic.ts";
import { airflowSeparate } from "./airflow-separate.ts";
import { airflowTogether } from "./airflow-together.ts";
import type { DefineService } from "./service.ts";

/** Airflow, in the line and the layout that its image and the user's settings make of it. */
export const airflow: DefineService = (inputs) => {
  if (inputs.spec.line === "classic") return airflowClassic(inputs);
  return effectiveLayout(inputs.spec) === "together" ? airflowTogether(inputs) : airflowSeparate(inputs);
};
