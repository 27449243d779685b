import type { AirflowLayout } from "../../src/stack/layout.ts";

/** What a live stack consists of in each layout of Airflow's components. */
export interface LayoutFacts {
  readonly api: string;
  readonly scheduler: string;
  readonly triggerer: string;
  readonly running: number;
  readonly completed: readonly string[];
}

export const layoutFacts: Readonly<Record<AirflowLayout, LayoutFacts>> = {
  together: { api: "airflow", scheduler: "airflow", triggerer: "airflow", running: 4, completed: [] },
  separate: {
    api: "airflow-api-server",
    scheduler: "airflow-scheduler",
    triggerer: "airflow-triggerer",
    running: 7,
    completed: ["airflow-migrate"],
  },
};
