import type { ReportResult } from "../stack/report/report.ts";
import type { DoctorReport } from "../stack/doctor/doctor.ts";
import type { ConnectionForms } from "../stack/connection/connection-forms.ts";
import type { ConnectionTest } from "../stack/connection/connection-test.ts";
import type { DagsCheckResult } from "../stack/dags-check/check-types.ts";
import type { DownResult } from "../stack/down.ts";
import type { InitResult } from "../stack/init/init-project.ts";
import type { PauseResult, ResumeResult } from "../stack/pause.ts";
import type { TimingsReport } from "../stack/timings.ts";
import type { ProveResult } from "../stack/prove/prove.ts";
import type { SecretEntry } from "../stack/secrets.ts";
import type { DagList } from "../stack/seed/list-dags.ts";
import type { SeedResult } from "../stack/seed/seed-types.ts";
import type { StatusReport } from "../stack/status-report.ts";
import type { UpResult } from "../stack/up.ts";
import type { Paint } from "./colors.ts";
import { renderReport } from "./text/report.ts";
import { renderDoctor } from "./text/doctor.ts";
import { renderConnectionForms, renderConnectionTest } from "./text/connection.ts";
import { renderDagsCheck } from "./text/dags-check.ts";
import { renderDown } from "./text/down.ts";
import { renderInit } from "./text/init.ts";
import { renderPause, renderResume } from "./text/pause.ts";
import { renderTimings } from "./text/timings.ts";
import { renderProve } from "./text/prove.ts";
import { renderRotation, renderSecretEntries } from "./text/secrets.ts";
import { renderDagList } from "./text/dag-list.ts";
import { renderSeed } from "./text/seed.ts";
import { renderStatus } from "./text/status.ts";
import { renderUp } from "./text/up.ts";

/** What each command gives, by its name. */
export interface Results {
  readonly up: UpResult;
  readonly down: DownResult;
  readonly status: StatusReport;
  readonly doctor: DoctorReport;
  readonly report: ReportResult;
  readonly seed: SeedResult;
  readonly seedList: DagList;
  readonly pause: PauseResult;
  readonly resume: ResumeResult;
  readonly timings: TimingsReport;
  readonly prove: ProveResult;
  readonly init: InitResult;
  readonly dagsCheck: DagsCheckResult;
  readonly secrets: readonly SecretEntry[];
  readonly secretsRotate: UpResult;
  readonly connectionShow: ConnectionForms;
  readonly connectionTest: ConnectionTest;
}

type Renderers = {
  readonly [K in keyof Results]: (value: Results[K], paint: Paint, nowMs: number) => string;
};

const renderers: Renderers = {
  up: renderUp,
  down: renderDown,
  status: renderStatus,
  doctor: renderDoctor,
  report: renderReport,
  seed: renderSeed,
  seedList: renderDagList,
  pause: renderPause,
  resume: renderResume,
  timings: renderTimings,
  prove: renderProve,
  init: renderInit,
  dagsCheck: renderDagsCheck,
  secrets: renderSecretEntries,
  secretsRotate: renderRotation,
  connectionShow: renderConnectionForms,
  connectionTest: renderConnectionTest,
};

/** A command's result as text for people. */
export function renderResult<K extends keyof Results>(
  kind: K,
  value: Results[K],
  paint: Paint,
  nowMs: number,
): string {
  return renderers[kind](value, paint, nowMs);
}
