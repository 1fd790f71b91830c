import { existsSync } from "node:fs";
import { join } from "node:path";
import {
  collectArtifacts,
  createCacheStore,
  extractArtifacts,
  planCaches,
  restoreCaches,
  saveCaches,
  type CacheAddress,
  type CacheErrorCode,
  type CacheStore,
  type PlannedCache,
  type NotSaved,
  type RestoredCache,
  type SavedCache,
} from "@loom/cache";
import {
  type ErrorCode,
  type EventError,
  type FactValue,
  formatSpan,
  type GraphIr,
  type GraphNode,
  type JobId,
  jobId,
  type OptionalPhases,
  type PhaseOutcome,
  type RunIdentity,
  unreachable,
  type When,
  cachesOf,
} from "@loom/core";
import { formatBytes } from "@loom/system";
import type { Clock, JobSpec, PhaseRequest, SectionContext, SectionLog } from "@loom/ports";
import { jobArtifactPaths } from "@loom/record";
import { loadPart } from "../workflow/load-part.ts";
import { pathBases } from "./path-bases.ts";
import { readDotenv } from "./read-dotenv.ts";

/** What caches and artifacts of a run have in common. */
export interface JobPhasesOptions {
  readonly identity: RunIdentity;
  /** Absolute path of the run's evidence, where artifacts are collected. */
  readonly runDirectory: string;
  /** Absolute paths of the evidence of earlier runs in which jobs collected theirs that do not run in this one. */
  readonly keptEvidence?: ReadonlyMap<JobId, string> | undefined;
  /** Absolute path of the project: its caches are its own. */
  readonly projectFolder: string;
  readonly graph: GraphIr;
  /** Full sha of the commit; absent where there is none. */
  readonly headSha?: string | undefined;
  /** The user's folder for caches. Absolute; absent for a run without caches. */
  readonly cacheHome?: string | undefined;
  /** Whether a job works in its own workspace: others' artifacts must be copied into it, and its own to others. */
  readonly hasOwnWorkspace: (node: GraphNode) => boolean;
  readonly clock: Clock;
}

/** What a failure of the archives of caches is called where the archive holds artifacts. */
const ARTIFACTS_CODES: Readonly<Record<Exclude<CacheErrorCode, "CACHE_CANCELLED">, ErrorCode>> = {
  CACHE_NO_SPACE: "ARTIFACTS_NO_SPACE",
  CACHE_NOT_PERMITTED: "ARTIFACTS_NOT_PERMITTED",
  CACHE_IO: "ARTIFACTS_IO",
  CACHE_SOURCE_CHANGED: "ARTIFACTS_SOURCE_CHANGED",
  CACHE_DAMAGED: "ARTIFACTS_DAMAGED",
};

/** A cache that a job was given. */
export interface CacheHit {
  readonly jobId: JobId;
  readonly address: CacheAddress;
}

/** The caches of one job, between their restoring and their saving. */
interface JobCaches {
  readonly planned: readonly PlannedCache[];
  readonly restored: readonly RestoredCache[];
}

/** Carries out the phases that only some jobs have: caches and artifacts. A run loads this only if a job has any. */
export class JobPhases {
  readonly #options: JobPhasesOptions;
  /** Where caches are; absent for a run without any. */
  readonly #store: CacheStore | undefined;
  readonly #nodes: ReadonlyMap<string, GraphNode>;
  /** Whether any job passes variables on. */
  readonly #passesVariables: boolean;
  readonly #caches = new Map<JobId, JobCaches>();
  readonly #hits: CacheHit[] = [];
  /** Jobs with their own workspaces whose artifacts are in the shared one. */
  readonly #shared = new Set<string>();
  #sharing: Promise<unknown> = Promise.resolve();

  constructor(options: JobPhasesOptions) {
    const { cacheHome, clock } = options;
    this.#options = options;
    this.#store = cacheHome === undefined ? undefined : createCacheStore({ cacheHome, clock });
    const { nodes } = options.graph;
    this.#nodes = new Map(nodes.map((node) => [node.id, node]));
    this.#passesVariables = nodes.some(({ artifacts }) => artifacts?.reports?.dotenv !== undefined);
  }

  /** What jobs were given so far, in the order in which they were. */
  get hits(): readonly CacheHit[] {
    return this.#hits;
  }

  /** Which of them a job has. */
  optionalPhases(node: GraphNode): OptionalPhases {
    const store = this.#store;
    const caches = store === undefined ? [] : cachesOf(node);
    const saved = caches.filter(({ policy }) => policy !== "pull").map((cache) => cache.when);
    const savesCache = anyOf(saved);
    return {
      restoresCache: caches.some(({ policy }) => policy !== "push"),
      restoresArtifacts: this.#upstreamOf(node).length > 0,
      ...(node.artifacts !== undefined && {
        savesArtifacts: node.artifacts.reports === undefined ? node.artifacts.when : "always",
      }),
      ...(savesCache !== undefined && { savesCache }),
    };
  }

  /**
   * The variables that a job gets from those whose artifacts it wants: of its needs, without needs of all earlier stages. Of two
   * with one name the later job's counts.
   */
  variablesFor(node: GraphNode): Readonly<Record<string, string>> {
    const { runDirectory, keptEvidence } = this.#options;
    const found: Record<string, string> = {};
    // Asked at the start of every job: most runs have no such report.
    if (!this.#passesVariables) return found;
    for (const name of this.#wantedOf(node)) {
      const dotenv = this.#nodes.get(name)?.artifacts?.reports?.dotenv;
      if (dotenv === undefined) continue;
      const evidence = keptEvidence?.get(jobId(name)) ?? runDirectory;
      const path = join(evidence, jobArtifactPaths(jobId(name)).directory, dotenv);
      // A job that did not get that far has left none; what is wrong with one was said when it was collected.
      if (existsSync(path)) Object.assign(found, readDotenv(path, dotenv).variables);
    }
    return found;
  }

  /** Carries one out. Whatever becomes of a cache fails no job. */
  async run(request: PhaseRequest): Promise<PhaseOutcome> {
    const { phase, sections } = request;
    switch (phase) {
      case "job.cache_restore":
        return await sections.run("cache_restore", (section) => this.#restoreCaches(request, section));
      case "job.artifact_restore":
        return await sections.run("artifact_extract", (section) => this.#extractArtifacts(request, section));
      case "job.artifact_save":
        return await sections.run("artifact_save", (section) => this.#collectArtifacts(request, section));
      case "job.cache_save":
        return await sections.run("cache_save", (section) => this.#saveCaches(request, section));
      default:
        return unreachable(phase);
    }
  }

  async #restoreCaches({ spec, copy, stop }: PhaseRequest, section: SectionContext): Promise<PhaseOutcome> {
    const store = this.#store;
    // An earlier attempt has left its own.
    this.#caches.delete(spec.jobId);
    const planned = await this.#plan(spec, section);
    if (store === undefined || planned === undefined) return { status: "success" };
    const restored = await restoreCaches(store, planned, {
      workspace: spec.workspaceRoot,
      signal: stop.terminate,
    });
    const found = planned.filter((_, index) => restored[index]?.hit === true);
    const put = await copy?.putIn(pathBases(found.flatMap(({ paths }) => paths)), stop.terminate);
    if (put?.ok === false) warn(section, [put.error.message]);
    this.#caches.set(spec.jobId, { planned, restored });
    const wanted = restored.filter((_, index) => planned[index]?.policy !== "push");
    for (const cache of wanted) {
      if (cache.address !== undefined) this.#hits.push({ jobId: spec.jobId, address: cache.address });
      warn(section, cache.warnings);
      const { matchedKey } = cache;
      const key = shownKey(cache.key);
      const from =
        matchedKey === undefined || matchedKey === cache.key
          ? key
          : `${shownKey(matchedKey)} in place of ${key}`;
      section.log(
        "info",
        cache.hit ? `Restored ${from}, ${effort(cache)}` : `There is nothing under ${key} yet`,
        {
          ...(cache.name !== undefined && { cache: cache.name }),
          key: cache.key,
          hit: cache.hit,
          ...(cache.matchedKey !== undefined && { matched_key: cache.matchedKey }),
          bytes: cache.bytes,
          duration_ms: Math.round(cache.durationMs),
        },
      );
    }
    if (wanted.length > 1) {
      const hits = wanted.filter(({ hit }) => hit);
      section.log("debug", `Restored ${hits.length} of ${wanted.length} caches`, {
        key: wanted.map(({ key }) => key).join(", "),
        hit: hits.length === wanted.length,
        bytes: sumOf(wanted),
      });
    }
    return stop.terminate.aborted ? { status: "cancelled" } : { status: "success" };
  }

  async #saveCaches(
    { spec, copy, stop, verdict = "success" }: PhaseRequest,
    section: SectionContext,
  ): Promise<PhaseOutcome> {
    const store = this.#store;
    const known = this.#caches.get(spec.jobId);
    const planned = known?.planned ?? (await this.#plan(spec, section));
    this.#caches.delete(spec.jobId);
    if (store === undefined || planned === undefined) return { status: "success" };
    const changed = planned.filter(
      ({ policy, when, key }, index) =>
        policy !== "pull" && holdsAfter(when, verdict) && known?.restored[index]?.matchedKey !== key,
    );
    const taken = await copy?.takeOut(pathBases(changed.flatMap(({ paths }) => paths)), stop.terminate);
    if (taken?.ok === false) {
      if (taken.error.code === "cancelled") return { status: "cancelled" };
      // What there is now may be half of it.
      warn(section, [`No cache was saved: ${taken.error.message}`]);
      return { status: "success" };
    }
    const saved = await saveCaches(store, planned, {
      workspace: spec.workspaceRoot,
      status: verdict,
      restored: known?.restored ?? [],
      signal: stop.terminate,
    });
    for (const cache of saved) {
      warn(section, cache.warnings);
      section.log("info", cache.saved ? `Saved ${shownKey(cache.key)}, ${effort(cache)}` : notSaved(cache), {
        ...(cache.name !== undefined && { cache: cache.name }),
        key: cache.key,
        saved: cache.saved,
        ...(cache.reason !== undefined && { reason: cache.reason }),
        bytes: cache.bytes,
        duration_ms: Math.round(cache.durationMs),
      });
    }
    if (saved.length > 1) {
      const written = saved.filter((cache) => cache.saved);
      section.log("debug", `Saved ${written.length} of ${saved.length} caches`, {
        key: saved.map(({ key }) => key).join(", "),
        bytes: sumOf(saved),
      });
    }
    return stop.terminate.aborted ? { status: "cancelled" } : { status: "success" };
  }

  /** The caches of a job with their keys; `undefined` if those cannot be computed, which a warning reports. */
  async #plan(
    { jobId, node, env, workspaceRoot }: JobSpec,
    log: SectionLog,
  ): Promise<readonly PlannedCache[] | undefined> {
    const { identity, projectFolder: scope, headSha } = this.#options;
    const planned = await planCaches(cachesOf(node), {
      workspace: workspaceRoot,
      scope,
      context: {
        jobName: node.id,
        jobId,
        runId: identity.runId,
        pipelineId: identity.pipelineId,
        ...(headSha !== undefined && { headSha }),
        variables: env,
      },
    });
    if (!planned.ok) {
      warn(log, [planned.error.message]);
      return undefined;
    }
    for (const { warnings } of planned.value) warn(log, warnings);
    return planned.value;
  }

  async #collectArtifacts(
    { spec, copy, stop, verdict = "success" }: PhaseRequest,
    section: SectionContext,
  ): Promise<PhaseOutcome> {
    const { artifacts } = spec.node;
    if (artifacts === undefined) return { status: "success" };
    const place = jobArtifactPaths(spec.jobId);
    const directory = join(this.#options.runDirectory, place.directory);
    const { junit = [], dotenv } = artifacts.reports ?? {};
    // Reports are collected whatever the result is, the rest when it is wanted.
    const wanted = holdsAfter(artifacts.when, verdict) ? artifacts.paths : [];
    const paths = [...wanted, ...junit, ...(dotenv === undefined ? [] : [dotenv])];
    const taken = await copy?.takeOut(pathBases(paths), stop.terminate);
    if (taken?.ok === false) return failureOf(taken.error);
    const collected = await collectArtifacts({
      workspace: spec.workspaceRoot,
      paths,
      ...(artifacts.exclude !== undefined && { exclude: artifacts.exclude }),
      directory,
      archivePath: join(this.#options.runDirectory, place.archive),
      signal: stop.terminate,
    });
    if (!collected.ok) {
      if (collected.error.code === "CACHE_CANCELLED") return { status: "cancelled" };
      const { code, message } = collected.error;
      return { status: "failed", error: { code: ARTIFACTS_CODES[code], message } };
    }
    const { files, links, archiveBytes, warnings } = collected.value;
    warn(section, warnings);
    if (files.length + links.length === 0) return { status: "success" };
    const count = files.length + links.length;
    section.log(
      "info",
      `Collected ${count} ${count === 1 ? "file" : "files"}, ${formatBytes(archiveBytes)} packed`,
      {
        artifacts: { archive_path: place.archive, files: files as unknown as FactValue },
        ...(links.length > 0 && { links: links as unknown as FactValue }),
        bytes: archiveBytes,
      },
    );
    if (dotenv !== undefined) warn(section, readDotenv(join(directory, dotenv), dotenv).warnings);
    if (junit.length > 0)
      await this.#readReports({ directory, junit, workspace: spec.workspaceRoot }, section);
    return { status: "success" };
  }

  async #readReports(
    given: { readonly directory: string; readonly junit: readonly string[]; readonly workspace: string },
    section: SectionContext,
  ): Promise<void> {
    const loaded = await loadPart("reads test reports", async () => import("./read-reports.ts"));
    if (!loaded.ok) return warn(section, [loaded.error.message]);
    const { readReports } = loaded.value;
    const { tests, warnings } = await readReports(given.directory, given.junit, given.workspace);
    warn(section, warnings);
    if (tests === undefined) return;
    const { total, failed, skipped } = tests;
    const parts = [
      `${total} ${total === 1 ? "test" : "tests"}`,
      `${failed} failed`,
      ...(skipped > 0 ? [`${skipped} skipped`] : []),
    ];
    section.log("info", parts.join(", "), { tests: tests as unknown as FactValue });
  }

  async #extractArtifacts(request: PhaseRequest, section: SectionContext): Promise<PhaseOutcome> {
    if (this.#options.hasOwnWorkspace(request.spec.node)) return await this.#bringArtifacts(request, section);
    // Into the shared workspace one after the other: what another job reads there is not written again.
    const bringing = this.#sharing.then(() => this.#bringArtifacts(request, section, this.#shared));
    this.#sharing = bringing.catch(() => undefined);
    return await bringing;
  }

  /** @param known - Jobs whose artifacts are already there. */
  async #bringArtifacts(
    { spec, copy, stop }: PhaseRequest,
    section: SectionContext,
    known?: Set<string>,
  ): Promise<PhaseOutcome> {
    const { runDirectory, keptEvidence, clock } = this.#options;
    const taken: string[] = [];
    for (const name of this.#upstreamOf(spec.node)) {
      if (known?.has(name) === true) continue;
      const evidence = keptEvidence?.get(jobId(name)) ?? runDirectory;
      const archivePath = join(evidence, jobArtifactPaths(jobId(name)).archive);
      // A job that collected nothing, or did not get that far, left none.
      if (!existsSync(archivePath)) continue;
      const extracted = await extractArtifacts({
        archivePath,
        workspace: spec.workspaceRoot,
        nowMs: clock.now(),
        signal: stop.terminate,
      });
      if (stop.terminate.aborted) return { status: "cancelled" };
      if (!extracted.ok) {
        if (extracted.error.code === "CACHE_CANCELLED") return { status: "cancelled" };
        const { code, message } = extracted.error;
        const what = `Cannot take over the artifacts of "${name}": ${message}`;
        return { status: "failed", error: { code: ARTIFACTS_CODES[code], message: what } };
      }
      known?.add(name);
      taken.push(...(this.#nodes.get(name)?.artifacts?.paths ?? []));
      const { files, bytes, warnings } = extracted.value;
      warn(section, warnings);
      section.log(
        "info",
        `Took over ${files} ${files === 1 ? "file" : "files"} of ${name}, ${formatBytes(bytes)}`,
        {
          from_job: name,
          files,
          bytes,
        },
      );
    }
    const put = await copy?.putIn(pathBases(taken), stop.terminate);
    return put?.ok === false ? failureOf(put.error) : { status: "success" };
  }

  /**
   * The jobs whose artifacts are copied to a job: those of its needs of
   * which it wants them, without needs those of all earlier stages, and of these the ones that worked elsewhere.
   */
  #upstreamOf(node: GraphNode): readonly string[] {
    const { hasOwnWorkspace } = this.#options;
    const isOwn = hasOwnWorkspace(node);
    return this.#wantedOf(node).filter((id) => {
      const other = this.#nodes.get(id);
      return other?.artifacts !== undefined && (isOwn || hasOwnWorkspace(other));
    });
  }

  /** The jobs whose artifacts a job wants, wherever they worked. */
  #wantedOf(node: GraphNode): readonly string[] {
    const { stages, nodes } = this.#options.graph;
    const stage = node.gate === "needs" ? 0 : stages.indexOf(node.stage);
    const unwanted = new Set(node.needs_without_artifacts);
    return (
      node.needs?.filter((id) => !unwanted.has(id)) ??
      nodes.filter((other) => stages.indexOf(other.stage) < stage).map(({ id }) => id)
    );
  }
}

function failureOf(error: EventError): PhaseOutcome {
  return error.code === "cancelled" ? { status: "cancelled" } : { status: "failed", error };
}

function holdsAfter(when: When, status: "success" | "failed"): boolean {
  return when === "always" || (when === "on_success") === (status === "success");
}

/** When a phase has to take place of which parts do after certain results. */
function anyOf(whens: readonly When[]): When | undefined {
  const [first] = whens;
  return whens.every((when) => when === first) ? first : "always";
}

/** A key as a line shows it: of a hash the beginning is enough to compare by. */
function shownKey(key: string): string {
  return key.replace(/(?<![0-9a-f])([0-9a-f]{12})[0-9a-f]{52}(?![0-9a-f])/gu, "$1…");
}

/** What a cache took: `1.2 MB in 342 ms`. */
function effort({ bytes, durationMs }: { readonly bytes: number; readonly durationMs: number }): string {
  return `${formatBytes(bytes)} in ${formatSpan(durationMs)}`;
}

const NOT_SAVED: { readonly [R in NotSaved]: string } = {
  policy: "its policy keeps it from being saved",
  when: "it is not saved after this result",
  unchanged: "it already exists",
  quarantined: "it is under quarantine",
  nothing_matched: "there is nothing to save",
  failed: "it could not be saved",
};

function notSaved({ key, reason }: SavedCache): string {
  return `${shownKey(key)} is not saved: ${reason === undefined ? "no reason is known" : NOT_SAVED[reason]}`;
}

function warn(log: SectionLog, warnings: readonly string[]): void {
  for (const warning of warnings) log.log("warn", warning);
}

function sumOf(caches: readonly { readonly bytes: number }[]): number {
  return caches.reduce((sum, { bytes }) => sum + bytes, 0);
}
