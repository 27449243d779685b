import type { v } from "../lib/schema.ts";
import type { AirflowSession } from "./airflow-session.ts";
import { pageAnswer } from "./airflow-wire.ts";

// Airflow's default upper limit; a larger page is cut to it without a word.
const PAGE_SIZE = 100;

interface List<T extends v.GenericSchema> {
  readonly path: string;
  /** Starts with an ampersand. */
  readonly query?: string;
  /** What the page calls its items. */
  readonly name: string;
  readonly item: T;
  readonly signal: AbortSignal | undefined;
}

/** Reads a list over all of its pages, as both versions of the API have them. */
export function createAirflowList(ask: AirflowSession["ask"]) {
  return async <T extends v.GenericSchema>({ path, query = "", name, item, signal }: List<T>) => {
    const items: v.InferOutput<T>[] = [];
    for (;;) {
      const window = `limit=${PAGE_SIZE}&offset=${items.length}${query}`;
      const page = await ask({ path: `${path}?${window}`, answer: pageAnswer(name, item), signal });
      items.push(...page.items);
      if (page.items.length === 0 || items.length >= page.total) return items;
    }
  };
}
