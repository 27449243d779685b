import { StackError } from "../lib/errors.ts";
import { requestJson, type Fetch, type JsonResponse } from "../lib/http.ts";
import { parseShape, v } from "../lib/schema.ts";
import type { Mlflow, MlflowRun } from "../stack/service-ports.ts";
import {
  artifactsAnswer,
  experimentsAnswer,
  modelVersionsAnswer,
  refusal,
  registeredModelsAnswer,
  runsAnswer,
  type WireRun,
} from "./mlflow-wire.ts";

const REQUEST_TIMEOUT_MS = 30_000;
// The largest page that every kind of search allows.
const PAGE_SIZE = 1_000;

export interface MlflowApiOptions {
  /** Without a path: "http://127.0.0.1:5000". */
  readonly url: string;
  readonly fetch: Fetch;
}

interface Page {
  readonly next_page_token: string;
}

/** MLflow's REST API. Every call throws MLFLOW_REFUSED with what MLflow said. */
export function createMlflowApi({ url, fetch }: MlflowApiOptions): Mlflow {
  const ask = async <T extends v.GenericSchema>(
    answer: T,
    endpoint: string,
    body?: unknown,
    signal?: AbortSignal,
  ) => {
    const path = `/api/2.0/mlflow/${endpoint}`;
    const result = await requestJson({ fetch, url: url + path, body, signal, timeoutMs: REQUEST_TIMEOUT_MS });
    if (result.kind !== "response") {
      throw new StackError("MLFLOW_REFUSED", `MLflow at ${url} does not answer: ${result.message}.`, {
        hint: "Run `stack status` to see whether it is up.",
        cause: result.cause,
      });
    }
    if (result.status >= 400) throw refused(endpoint, result);
    return parseShape(answer, result.json, `MLflow's answer to ${endpoint}`, "MLFLOW_REFUSED");
  };

  return {
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
      const filter = encodeURIComponent(`name = '${name}'`);
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

function refused(endpoint: string, { status, json, text }: JsonResponse): StackError {
  const parsed = v.safeParse(refusal, json);
  const words = parsed.success ? `${parsed.output.error_code} ${parsed.output.message}`.trim() : text.trim();
  return new StackError(
    "MLFLOW_REFUSED",
    `MLflow refused ${endpoint}: ${words || "no reason given"} (${status}).`,
    {
      // Its answer to a Host header that it doesn't know.
      hint:
        status === 403
          ? "Check MLFLOW_SERVER_ALLOWED_HOSTS: it must list the host of this address."
          : undefined,
      facts: { status },
    },
  );
}
