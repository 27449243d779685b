import type { Context } from "../context.ts";
import { timingsPath } from "../stack/stack-folder.ts";
import { parseHistory } from "../stack/timeline.ts";
import { reportTimings, type TimingsReport } from "../stack/timings.ts";

/** Throws STACK_NOT_RUNNING before the first start. */
export async function timings(context: Context): Promise<TimingsReport> {
  const files = await context.files();
  return reportTimings(parseHistory(await files.read(timingsPath)));
}
