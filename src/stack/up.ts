import type { Clock } from "../lib/clock.ts";
import { applyFiles, rememberApplied } from "./apply-files.ts";
import { readCertificates } from "./certificates.ts";
import { checkLine } from "./check-line.ts";
import { describeSkew } from "./clock-skew.ts";
import { composeFile, oneShots } from "./compose-file.ts";
import type { ComposeFile } from "./compose-types.ts";
import { endpointsOf, type Endpoints } from "./endpoints.ts";
import { ownAdminOf } from "./mlflow-spec.ts";
import { finishDown } from "./down.ts";
import type { Emit } from "./events.ts";
import { isWell, judgeServices } from "./health.ts";
import { planImages, type ImagePlan } from "./images.ts";
import { openPortNotes } from "./open-ports.ts";
import { layoutNote } from "./layout.ts";
import type { ImageBuilder } from "./image-builder.ts";
import { lineFacts } from "./lines.ts";
import type { BundledFiles } from "./bundled-files.ts";
import type { Compose, Engine, ProjectFiles, System } from "./ports.ts";
import { thaw } from "./pause.ts";
import { checkTools, memoryNotes } from "./preflight.ts";
import type { ProbeClients } from "./probes/matrix.ts";
import type { ProbeResult } from "./probes/probe-types.ts";
import { proveHops } from "./probes/prove-hops.ts";
import type { Project } from "./project.ts";
import type { ProveResult } from "./prove/prove.ts";
import { provideImages } from "./provide-images.ts";
import { recordingFailure, recordStart } from "./record-start.ts";
import { findGivenSecrets } from "./recover-secrets.ts";
import { prepareRenewal } from "./renew-secrets.ts";
import { remakingBuckets } from "./remake-buckets.ts";
import { renderCompose } from "./render.ts";
import type { Secrets } from "./secrets.ts";
import type { StackSpec } from "./spec.ts";
import { composePath } from "./stack-folder.ts";
import { settlePorts, type MovedPort } from "./settle-ports.ts";
import type { ServiceInputs } from "./services/service.ts";
import { keepFernetKey, settleSecrets } from "./settle-secrets.ts";
import { startServices } from "./start-services.ts";
import { createTimeline } from "./timeline.ts";
import { userFileNotes } from "./user-files/notes.ts";
import { putObjects } from "./user-files/put-objects.ts";
import { readUserFiles, type UserFiles } from "./user-files/read-user-files.ts";

export interface UpDeps {
  readonly engine: Engine;
  readonly compose: Compose;
  readonly builder: ImageBuilder;
  readonly system: System;
  readonly files: ProjectFiles;
  readonly bundled: BundledFiles;
  /** This machine's bundle of certificate authorities, if there is one. */
  readonly caFile: string | undefined;
  readonly clock: Clock;
  readonly emit: Emit;
  readonly signal: AbortSignal;
  /** Password or token for an MLflow elsewhere; else empty. */
  readonly mlflowPassword: string;
  /** Clients for the services, once there are secrets to call them with. */
  readonly connect: (spec: StackSpec, secrets: Secrets) => Promise<ProbeClients>;
}

export interface UpOptions {
  readonly build: boolean;
  /** Longest time from the start of the containers to a healthy stack; image builds don't count. */
  readonly timeoutMs: number;
  /** "renewed" replaces every secret that the stack makes by itself. Default "kept". */
  readonly secrets?: "kept" | "renewed";
}

export interface UpResult {
  readonly project: string;
  /** False when everything was running as it should before. */
  readonly changed: boolean;
  /** Path in the project folder. */
  readonly composeFile: string;
  readonly builtImages: readonly string[];
  readonly services: readonly { readonly service: string; readonly state: string }[];
  /** Each call that a pipeline depends on, made from where it makes it. */
  readonly probes: readonly ProbeResult[];
  readonly endpoints: Endpoints;
  /** Whom people log in to the stack's own MLflow as; undefined where nobody has to. */
  readonly mlflowUser: string | undefined;
  /** Default ports that were taken and moved by this start. */
  readonly movedPorts: readonly MovedPort[];
  /** Only with `--prove`. */
  readonly proof?: ProveResult;
  readonly elapsedMs: number;
}

/** The compose file of a project as text, with nothing checked or touched. */
export async function previewCompose(
  project: Project,
  deps: Pick<UpDeps, "bundled" | "system" | "files" | "caFile">,
): Promise<string> {
  const user = await readUserFiles(project.spec, deps.files, deps.system.digest);
  const plan = await planImages(project.spec, deps.bundled, deps.system.digest, user.layer);
  const certificates = await readCertificates(project.spec, deps);
  const where = { projectDir: deps.files.dir, hasCertificates: certificates !== undefined };
  return renderCompose(describe(project, plan, user, where), user.override?.data);
}

/** Brings the stack up; a second call finds nothing to do. Throws what the failed part throws. */
export async function upStack(wanted: Project, options: UpOptions, deps: UpDeps): Promise<UpResult> {
  const user = await readUserFiles(wanted.spec, deps.files, deps.system.digest);
  const certificates = await readCertificates(wanted.spec, deps);
  for (const text of [layoutNote(wanted.spec) ?? [], userFileNotes(wanted.spec, user)].flat())
    deps.emit({ kind: "note", level: "info", text });
  const { endOfLife } = lineFacts[wanted.spec.line];
  if (endOfLife !== undefined) deps.emit({ kind: "note", level: "warning", text: endOfLife });
  const timeline = createTimeline(deps.clock);
  const startedMs = deps.clock.nowMs();
  const { info, project, moved } = await timeline.measure("preflight", async () => {
    await checkLine(wanted, deps.engine);
    return { ...(await settlePorts(wanted, deps)), info: await checkTools(deps) };
  });
  const { spec } = project;
  const skew = describeSkew(info.nowMs, deps.clock.nowMs());
  if (skew !== undefined)
    deps.emit({ kind: "note", level: "warning", text: `${skew}; see \`stack doctor\`` });
  deps.signal.throwIfAborted();

  const plan = await planImages(spec, deps.bundled, deps.system.digest, user.layer);
  const kept = async <T>(work: () => Promise<T>): Promise<T> =>
    await recordingFailure({ timeline, startedMs }, deps, work);
  const provide = async () => await provideImages(plan, info, options.build, deps);
  const builtImages = await kept(async () => await timeline.measure("images", provide));

  const hostGateway = user.callsHost ? await findHostGateway(deps) : undefined;
  const hasCertificates = certificates !== undefined;
  const where = { projectDir: deps.files.dir, hostGateway, hasCertificates, memoryBytes: info.memoryBytes };
  const file = describe(project, plan, user, where);
  for (const text of [...openPortNotes(file, user.override?.data), ...memoryNotes(spec, info.memoryBytes)])
    deps.emit({ kind: "note", level: "warning", text });
  const texts = { text: renderCompose(file, user.override?.data), userText: user.text };
  await finishDown(spec.project, deps);
  const thawed = await thaw(spec.project, deps.engine);
  const hasData = (await deps.engine.resources(spec.project)).volumes.length > 0;
  const { secrets: renewal = "kept" } = options;
  if (renewal === "renewed") await prepareRenewal(spec, deps);
  const given = async () => await findGivenSecrets(file, spec.project, deps.engine);
  const settings = { ...deps, certificates, hasData, renewal, given };
  const { applied, secrets, secretsDigest, isSettled } = await applyFiles(project, texts, settings);
  if (!isSettled) {
    const target = { spec, file, secrets, timeoutMs: options.timeoutMs };
    await timeline.measure("secrets", async () => {
      await settleSecrets(target, deps);
    });
    await rememberApplied(project, { applied: "", settled: secretsDigest }, deps.files);
  }
  const before = await deps.engine.containers(spec.project);
  const judged = judgeServices(Object.keys(file.services), oneShots(file), before);
  const isUnchanged = project.state?.applied === applied && judged.every(isWell);

  const { timeoutMs } = options;
  const start = async () => await startServices({ file, before, timeoutMs }, timeline, deps);
  const services = isUnchanged ? judged : await kept(start);
  const clients = await deps.connect(spec, secrets);
  if (!isUnchanged) await keepFernetKey(spec, deps);
  if (!isUnchanged) await putObjects(user.objects, { ...deps, airflow: clients.airflow });
  await rememberApplied(project, { applied, settled: secretsDigest }, deps.files);
  const prove = async () => await proveHops(spec, { ...deps, clients });
  const probe = async () =>
    await timeline.measure("probes", async () => await remakingBuckets(prove, spec, deps));
  const probes = isUnchanged ? await probe() : await kept(probe);

  const elapsedMs = Math.round(deps.clock.nowMs() - startedMs);
  if (!isUnchanged) {
    const kind = builtImages.length > 0 ? "build" : hasData ? "restart" : "first";
    const phases = timeline.phases();
    await recordStart({ startedAtMs: Math.round(startedMs), kind, totalMs: elapsedMs, phases }, deps);
  }
  return {
    project: spec.project,
    changed: !isUnchanged || thawed.length > 0,
    composeFile: composePath,
    builtImages,
    services: services.map(({ service, state }) => ({ service, state })),
    probes,
    endpoints: endpointsOf(spec),
    mlflowUser: ownAdminOf(spec),
    movedPorts: moved,
    elapsedMs,
  };
}

/** Only where it is an address of this machine can ports be published on it: not of an engine elsewhere. */
async function findHostGateway({ engine, system }: UpDeps): Promise<string | undefined> {
  const gateway = await engine.hostGateway();
  return gateway !== undefined && (await system.hasAddress(gateway)) ? gateway : undefined;
}

function describe(
  { spec }: Project,
  plan: ImagePlan,
  { envNames }: UserFiles,
  where: Pick<ServiceInputs, "projectDir" | "hostGateway" | "hasCertificates" | "memoryBytes">,
): ComposeFile {
  return composeFile({ spec, images: plan.references, envNames, ...where });
}
