import { databaseNetwork } from "../services/containment.ts";
import { isData, type Data } from "./compose-data.ts";
import { mergeCompose } from "./merge-compose.ts";

/** A service of the user's own on the default network reaches all of the stack's, PostgreSQL too. */
export function onBothNetworks(body: Data): Data {
  if ("network_mode" in body) return body;
  const { networks = ["default"] } = body;
  const isDefault = Array.isArray(networks)
    ? networks.includes("default")
    : isData(networks) && "default" in networks;
  return isDefault ? { ...body, ...mergeCompose({ networks }, { networks: [databaseNetwork] }) } : body;
}

/** Astro's network of all its services is Compose's default one here. */
export function withoutAstroNetwork(networks: unknown): Data {
  if (!isData(networks)) return {};
  const { airflow: _, ...others } = networks;
  return Object.keys(others).length === 0 ? {} : { networks: others };
}
