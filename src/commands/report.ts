import type { Context } from "../context.ts";
import { appliedSpec } from "../stack/project.ts";
import { writeReport, type ReportResult } from "../stack/report/report.ts";
import { ensureStackFolder, stackFolder } from "../stack/stack-folder.ts";

export interface ReportOptions {
  /** Where the archive goes; undefined for the project's generated folder. */
  readonly target: string | undefined;
  /** Of the tool. */
  readonly version: string;
}

/** What other commands find, as the report has it. */
export interface Findings {
  readonly doctor: Parameters<typeof writeReport>[1]["doctor"];
  readonly status: Parameters<typeof writeReport>[1]["status"];
}

/** Throws FILE_UNWRITABLE, or USAGE for a file that is there already. */
export async function report(
  context: Context,
  { target, version }: ReportOptions,
  { doctor, status }: Findings,
): Promise<ReportResult> {
  const [files, machine, archiver] = await Promise.all([
    context.files(),
    context.machine(),
    context.archiver(),
  ]);
  if (target === undefined) await ensureStackFolder(files);
  return await writeReport(
    { target, folder: files.absolute(stackFolder) },
    {
      files,
      machine,
      archiver,
      version,
      signal: context.signal,
      engine: context.engine,
      spec: async () => appliedSpec(await context.project()),
      doctor,
      status,
    },
  );
}
