import type { Context } from "../context.ts";
import type { StackError } from "../lib/errors.ts";
import { doctorFailure, examine, type DoctorReport } from "../stack/doctor/doctor.ts";

export interface Diagnosis {
  readonly report: DoctorReport;
  /** Why the command doesn't end with status 0. */
  readonly failure: StackError | undefined;
}

export async function doctor(context: Context): Promise<Diagnosis> {
  const [machine, compose, system, files, bundled] = await Promise.all([
    context.machine(),
    context.compose(),
    context.system(),
    context.files(),
    context.bundled(),
  ]);
  const { clock, signal, engine, project } = context;
  const report = await examine({
    machine,
    compose,
    system,
    files,
    bundled,
    clock,
    signal,
    engine,
    project,
  });
  return { report, failure: doctorFailure(report) };
}
