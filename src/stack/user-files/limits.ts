import { isData, type Data } from "./compose-data.ts";

/**
 * A service with the limits of its `deploy` section also where the stack has its own: Compose refuses a service whose
 * two places differ.
 */
export function withPlainLimits(body: Data): Data {
  const limits = dataAt(dataAt(dataAt(body, "deploy"), "resources"), "limits");
  return {
    ...body,
    ...("memory" in limits ? { mem_limit: limits["memory"] } : {}),
    ...("pids" in limits ? { pids_limit: limits["pids"] } : {}),
  };
}

function dataAt(data: Data, key: string): Data {
  const value = data[key];
  return isData(value) ? value : {};
}
