import { airflowLayouts, type AirflowLayout } from "../../src/stack/layout.ts";

/** What a live stack consists of in each layout of Airflow's components. */
export interface LayoutFacts {
  /** The containers that run Airflow's components. */
  readonly airflow: readonly string[];
  readonly api: string;
  readonly scheduler: string;
  readonly triggerer: string;
  readonly running: number;
  readonly completed: readonly string[];
}

export const layoutFacts: Readonly<Record<AirflowLayout, LayoutFacts>> = {
  together: {
    airflow: ["airflow"],
    api: "airflow",
    scheduler: "airflow",
    triggerer: "airflow",
    running: 4,
    completed: [],
  },
  separate: {
    airflow: ["airflow-api-server", "airflow-scheduler", "airflow-dag-processor", "airflow-triggerer"],
    api: "airflow-api-server",
    scheduler: "airflow-scheduler",
    triggerer: "airflow-triggerer",
    running: 7,
    completed: ["airflow-migrate"],
  },
};

/** The layout of the stacks whose tests don't choose one: the default, unless the run of the tests has another. */
export const usualLayout: AirflowLayout =
  airflowLayouts.find((layout) => layout === process.env["STACK_TEST_LAYOUT"]) ?? "together";

/** The line of stack.yaml that gives a stack that layout; none for the default. */
export const usualLayoutSetting = usualLayout === "together" ? "" : `airflow: { layout: ${usualLayout} }\n`;

/**
 * The layouts to try what depends on them little: each start of the second takes half a minute, so that it is left to the
 * command that has all faults and attacks.
 */
export const layoutsToTry: readonly AirflowLayout[] =
  process.env["STACK_TEST_FAULTS"] === "all" ? airflowLayouts : ["together"];
