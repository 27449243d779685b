import { filterText } from "../lib/filter-text.ts";
import { requestJson, type Fetch, type JsonRequest, type JsonResponse } from "../lib/http.ts";
import { parseShape, v } from "../lib/schema.ts";
import type { Mlflow, MlflowRun } from "../stack/service-ports.ts";
import { notMlflow, refused, unanswered, type MlflowPlace } from "./mlflow-errors.ts";
import {
  artifactsAnswer,
  experimentsAnswer,
  modelVersionsAnswer,
  registeredModelsAnswer,
  runsAnswer,
  type WireRun,
} from "./mlflow-wire.ts";

const REQUEST_TIMEOUT_MS = 30_000;
// The largest page that every kind of search allows.
const PAGE_SIZE = 1_000;

export interface MlflowApiOptions {
  /** Without a slash at its end: "http://127.0.0.1:5000". */
  readonly url: string;
  /** The value of the header Authorization, where MLflow wants one. */
  readonly authorization?: string | undefined;
  readonly place?: MlflowPlace;
  readonly fetch: Fetch;
}

interface Page {
  readonly next_page_token: string;
}

/** MLflow's REST API. Every call throws the code that fits what MLflow said, or why it said nothing. */
export function createMlflowApi({ url, authorization, place = "here", fetch }: MlflowApiOptions): Mlflow {
  const headers = authorization === undefined ? {} : { authorization };
  const send = async (path: string, rest: Partial<JsonRequest>): Promise<JsonResponse> => {
    const result = await requestJson({
      fetch,
      url: url + path,
      headers,
      timeoutMs: REQUEST_TIMEOUT_MS,
      ...rest,
    });
    if (result.kind !== "response") throw unanswered(url, result, place);
    return result;
  };
  const ask = async <T extends v.GenericSchema>(
    answer: T,
    endpoint: string,
    body?: unknown,
    signal?: AbortSignal,
  ) => {
    const result = await send(`/api/2.0/mlflow/${endpoint}`, { body, signal });
    if (result.status >= 300) throw refused(url, endpoint, result, place);
    if (result.json === undefined) throw notMlflow(url, endpoint);
    return parseShape(answer, result.json, `MLflow's answer to ${endpoint}`, "MLFLOW_REFUSED");
  };

  return {
    ping: async (signal) => {
      await ask(experimentsAnswer, "experiments/search", { max_results: 1 }, signal);
    },

    experiments: async (signal) => {
      const pages = await allPages((page_token) =>
        ask(experimentsAnswer, "experiments/search", { max_results: PAGE_SIZE, page_token }, signal),
      );
      return pages
        .flatMap((page) => page.experiments)
        .map(({ experiment_id, name, artifact_location }) => ({
          experimentId: experiment_id,
          name,
          artifactLocation: artifact_location,
        }));
    },

    runs: async ({ experimentIds, filter }, signal) => {
      // MLflow refuses a search in no experiment.
      if (experimentIds.length === 0) return [];
      const query = {
        experiment_ids: experimentIds,
        filter,
        order_by: ["attributes.start_time DESC"],
        max_results: PAGE_SIZE,
      };
      const pages = await allPages((page_token) =>
        ask(runsAnswer, "runs/search", { ...query, page_token }, signal),
      );
      return pages.flatMap((page) => page.runs).map(runFromWire);
    },

    deleteExperiment: async (experimentId, signal) => {
      await ask(v.unknown(), "experiments/delete", { experiment_id: experimentId }, signal);
    },

    testButtonStatus: async (signal) => (await send("/", { method: "POST", signal })).status,

    registeredModels: async (signal) => {
      const pages = await allPages((page_token) => {
        const query = `max_results=${PAGE_SIZE}&page_token=${encodeURIComponent(page_token)}`;
        return ask(registeredModelsAnswer, `registered-models/search?${query}`, undefined, signal);
      });
      return pages
        .flatMap((page) => page.registered_models)
        .map(({ name, tags, aliases }) => ({
          name,
          tags: recordFromPairs(tags),
          aliases: Object.fromEntries(aliases.map(({ alias, version }) => [alias, version])),
        }));
    },

    modelVersions: async (name, signal) => {
      const filter = encodeURIComponent(`name = ${filterText(name)}`);
      const pages = await allPages((page_token) => {
        const query = `filter=${filter}&max_results=${PAGE_SIZE}&page_token=${encodeURIComponent(page_token)}`;
        return ask(modelVersionsAnswer, `model-versions/search?${query}`, undefined, signal);
      });
      return pages
        .flatMap((page) => page.model_versions)
        .map(({ version, run_id, status }) => ({ version, runId: run_id, status }));
    },

    artifacts: async (runId, signal) => {
      const pages = await allPages((page_token) => {
        const query = `run_id=${encodeURIComponent(runId)}&page_token=${encodeURIComponent(page_token)}`;
        return ask(artifactsAnswer, `artifacts/list?${query}`, undefined, signal);
      });
      return pages
        .flatMap((page) => page.files)
        .filter(({ is_dir }) => !is_dir)
        .map(({ path, file_size }) => ({ path, bytes: file_size }));
    },
  };
}

async function allPages<T extends Page>(fetchPage: (token: string) => Promise<T>): Promise<readonly T[]> {
  const pages: T[] = [];
  let token = "";
  do {
    const page = await fetchPage(token);
    pages.push(page);
    token = page.next_page_token;
  } while (token !== "");
  return pages;
}

function runFromWire({ info, data, outputs }: WireRun): MlflowRun {
  return {
    runId: info.run_id,
    experimentId: info.experiment_id,
    name: info.run_name,
    status: info.status,
    artifactUri: info.artifact_uri,
    metrics: recordFromPairs(data.metrics),
    params: recordFromPairs(data.params),
    tags: recordFromPairs(data.tags),
    modelIds: outputs.model_outputs.map(({ model_id }) => model_id),
  };
}

function recordFromPairs<T>(
  pairs: readonly { readonly key: string; readonly value: T }[],
): Record<string, T> {
  return Object.fromEntries(pairs.map(({ key, value }) => [key, value]));
}
