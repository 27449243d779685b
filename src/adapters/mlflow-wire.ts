import { v } from "../lib/schema.ts";

// The parts of MLflow's REST API (2.0) that are read here, in its own words. Empty lists and texts are left out on the wire.

// JSON has no NaN or Infinity, so they come as text.
const metricValue = v.union([
  v.number(),
  v.pipe(v.picklist(["NaN", "Infinity", "-Infinity"]), v.transform(Number)),
]);

const pairs = v.optional(v.array(v.object({ key: v.string(), value: v.optional(v.string(), "") })), []);

const nextPage = v.optional(v.string(), "");

export const experimentsAnswer = v.object({
  experiments: v.optional(
    v.array(v.object({ experiment_id: v.string(), name: v.string(), artifact_location: v.string() })),
    [],
  ),
  next_page_token: nextPage,
});

const run = v.object({
  info: v.object({
    run_id: v.string(),
    experiment_id: v.string(),
    run_name: v.optional(v.string(), ""),
    status: v.string(),
    artifact_uri: v.optional(v.string(), ""),
  }),
  data: v.optional(
    v.object({
      metrics: v.optional(v.array(v.object({ key: v.string(), value: v.optional(metricValue, 0) })), []),
      params: pairs,
      tags: pairs,
    }),
    {},
  ),
  outputs: v.optional(
    v.object({ model_outputs: v.optional(v.array(v.object({ model_id: v.string() })), []) }),
    {},
  ),
});

export const runsAnswer = v.object({ runs: v.optional(v.array(run), []), next_page_token: nextPage });

export const registeredModelsAnswer = v.object({
  registered_models: v.optional(
    v.array(
      v.object({
        name: v.string(),
        tags: pairs,
        aliases: v.optional(v.array(v.object({ alias: v.string(), version: v.string() })), []),
      }),
    ),
    [],
  ),
  next_page_token: nextPage,
});

export const modelVersionsAnswer = v.object({
  model_versions: v.optional(
    v.array(v.object({ version: v.string(), run_id: v.optional(v.string(), ""), status: v.string() })),
    [],
  ),
  next_page_token: nextPage,
});

export const artifactsAnswer = v.object({
  files: v.optional(
    v.array(
      v.object({
        path: v.string(),
        is_dir: v.optional(v.boolean(), false),
        file_size: v.optional(v.number(), 0),
      }),
    ),
    [],
  ),
  next_page_token: nextPage,
});

export const refusal = v.object({ error_code: v.optional(v.string(), ""), message: v.string() });

export type WireRun = v.InferOutput<typeof run>;
