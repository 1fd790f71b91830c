import {
  EMPTY_GRAPH,
  jobId,
  runIdentity,
  SECTION_PHASES,
  type EventError,
  type FactValue,
  type SectionName,
  type StreamRef,
} from "@loom/core";
import type { LifecycleRecord, RecordSink } from "@loom/ports";
import { describe, expect, test } from "vitest";
import { graphNode, graphOf, PlayedRun } from "@loom/testkit";
import { beginAttempt, endJob, scriptRun, startJob } from "../../test/script-run.ts";
import { RunProjection, type DocumentChange } from "./run-projection.ts";

type Facts = Readonly<Record<string, FactValue>>;

const IDENTITY = runIdentity(1n);
const BUILD = { kind: "job", jobId: jobId("build") } as const;
const EXIT_3: EventError = { code: "exit_code", message: "Step 1 exited with code 3" };
const LOST: EventError = { code: "provider_unavailable", message: "No engine answers" };
const SCRIPT = "jobs/build/user/execution/script";

const HIT = { cache: "npm", key: "npm-1", hit: true, matched_key: "npm-0", bytes: 512, duration_ms: 4 };
const MISS = { cache: "go", key: "go-1", hit: false, bytes: 0, duration_ms: 1 };
const SUM = { key: "npm-1, go-1", hit: false, bytes: 512 };

/** A projection, what it changed so far, and the sink that feeds it. */
function projecting() {
  const projection = new RunProjection(IDENTITY);
  const changes: DocumentChange[] = [];
  const sink: RecordSink = {
    record: (stream, record) => void changes.push(...projection.record(stream, record)),
    lines: (stream, batch) => projection.output(stream, batch, batch.bytes.length),
    flush: () => undefined,
  };
  return { projection, changes, sink };
}

/** A run of the job `build` that may break the contract, as a run that was cut off or damaged does. */
function looseRun() {
  const { projection, changes, sink } = projecting();
  const run = new PlayedRun(sink).goesBy(IDENTITY);
  const pathsOf = (): string[] =>
    changes.map((change) => (change.kind === "write" ? change.path : change.to));
  const documentAt = (path: string): unknown =>
    changes
      .filter((change) => change.kind === "write")
      .findLast((change) => change.path === `jobs/build/${path}`)?.document;
  const section = (name: SectionName): StreamRef => ({ kind: "section", jobId: BUILD.jobId, section: name });
  const step = (number: number): StreamRef => ({ kind: "step", jobId: BUILD.jobId, step: number });
  return { projection, changes, run, pathsOf, documentAt, section, step };
}

/** The documents of a job whose section tells these facts, a record each; by the end of their paths. */
function documentsOf(section: SectionName, ...attempts: readonly (readonly Facts[])[]) {
  const { changes, sink } = projecting();
  const run = scriptRun(IDENTITY, sink);
  const job: StreamRef = { kind: "job", jobId: jobId("build") };
  const stream: StreamRef = { ...job, kind: "section", section };
  run.begins(graphOf([{ id: "build", script: ["make"] }]));
  run.jobMoves("build", "pending", "ready");
  run.jobMoves("build", "ready", "running");
  const phase = SECTION_PHASES[section];
  for (const [index, facts] of attempts.entries()) {
    const tell = (): void =>
      run.section("build", section, {}, () => {
        for (const told of facts) run.logs(stream, "info", `About ${section}`, told);
      });
    const isOfProvider = phase === "job.provider_prepare";
    run.getsProvider("build", index + 1, isOfProvider ? tell : undefined);
    if (isOfProvider) continue;
    run.phaseStarts(job, phase);
    tell();
    run.phaseEnds(job, phase);
  }
  endJob(run, "build", "success");
  const written = (path: string): unknown =>
    changes.findLast((change) => change.kind === "write" && change.path === `jobs/build/${path}`);
  return {
    summary: written(`system/${section}/summary.json`),
    manifest: written("manifest.json"),
  };
}

function entry(section: SectionName, more: object): object {
  return {
    document: {
      system_sections: expect.arrayContaining([expect.objectContaining({ section, ...more })]) as unknown,
    },
  };
}

test("RunProjection lists what became of each cache, in the section's summary and the job's manifest", () => {
  const { summary, manifest } = documentsOf("cache_restore", [HIT, MISS, SUM]);
  const caches = [HIT, MISS];
  expect(summary).toMatchObject({ document: { ...SUM, caches } });
  expect(manifest).toMatchObject(entry("cache_restore", { caches }));
});

test("RunProjection tells of caches that were saved, and why one was not", () => {
  const caches = [
    { key: "a", saved: true, bytes: 7, duration_ms: 2 },
    { key: "b", saved: false, reason: "unchanged", bytes: 0, duration_ms: 0 },
  ];
  expect(documentsOf("cache_save", caches).manifest).toMatchObject(entry("cache_save", { caches }));
});

test("RunProjection keeps of several attempts what the last one restored", () => {
  const { manifest } = documentsOf("cache_restore", [MISS], [HIT]);
  expect(manifest).toMatchObject(entry("cache_restore", { caches: [HIT] }));
});

test("RunProjection lists no cache for a record that does not tell of one, and none elsewhere", () => {
  const { summary, manifest } = documentsOf("cache_restore", [{ cache_key: "old", hit: true, bytes: 1 }]);
  expect(summary).toMatchObject({ document: { key: "old", hit: true, bytes: 1 } });
  expect(JSON.stringify([summary, manifest, documentsOf("services", [HIT])])).not.toContain('"caches"');
});

describe("RunProjection of a run", () => {
  test("RunProjection knows nothing before the first record", () => {
    const { graph, jobs, failedJobIds, startedAt, pipelineSpan } = new RunProjection(IDENTITY);
    expect({ graph, jobs, failedJobIds, startedAt, pipelineSpan }).toStrictEqual({
      graph: EMPTY_GRAPH,
      jobs: [],
      failedJobIds: [],
      startedAt: undefined,
      pipelineSpan: undefined,
    });
  });

  test("RunProjection tells when the run began, and when the pipeline began and ended", () => {
    const { projection, run } = looseRun();
    run.logs({ kind: "run" }, "info", "Hello");
    run.wait(5);
    run.phaseStarts({ kind: "pipeline" }, "pipeline.execute");
    run.wait(20);
    run.logs({ kind: "pipeline" }, "info", "Still at it");
    expect(projection.pipelineSpan).toBeUndefined();
    run.phaseEnds({ kind: "pipeline" }, "pipeline.execute");
    expect(projection.startedAt).toBe("2026-03-07T06:40:00.000Z");
    expect(projection.pipelineSpan).toStrictEqual({
      startedAt: "2026-03-07T06:40:00.005Z",
      finishedAt: "2026-03-07T06:40:00.025Z",
      durationMs: 20,
    });
  });

  test("RunProjection takes the end of a pipeline whose start is lost for its start", () => {
    const { projection, run } = looseRun();
    run.wait(5);
    run.phaseEnds({ kind: "pipeline" }, "pipeline.execute");
    expect(projection.pipelineSpan).toStrictEqual({
      startedAt: "2026-03-07T06:40:00.005Z",
      finishedAt: "2026-03-07T06:40:00.005Z",
      durationMs: 0,
    });
  });

  test("RunProjection lists the jobs in the order of the graph, then those that it does not name", () => {
    const { projection, run } = looseRun();
    run.phaseStarts({ kind: "job", jobId: jobId("stray") }, "job.execution");
    run.phaseStarts(BUILD, "job.provider_prepare");
    const graph = graphOf([{ id: "lint" }, { id: "build" }]);
    run.begins(graph);
    const known = { attempts: 0, steps: [], sections: new Map() };
    expect(projection.graph).toStrictEqual(graph);
    expect(projection.jobs).toStrictEqual([
      { ...known, jobId: "lint", node: graph.nodes[0] },
      {
        ...known,
        jobId: "build",
        node: graph.nodes[1],
        attempts: 1,
        startedAt: "2026-03-07T06:40:00.000Z",
      },
      { ...known, jobId: "stray", node: { id: "stray", stage: "", target: "linux", script: [] } },
    ]);
  });

  test("RunProjection lists the failures that count, in the order in which they finished", () => {
    const { projection, sink } = projecting();
    const run = scriptRun(IDENTITY, sink);
    const ids = ["lint", "unit", "build"];
    run.begins(graphOf([...ids.map((id) => ({ id })), { id: "flaky", allow_failure: true }, { id: "ok" }]));
    const end = { exitCode: 3, error: EXIT_3 };
    run.runs("flaky", 10, [], end);
    run.runs("unit", 10, [], end);
    run.runs("ok", 10);
    run.runs("lint", 10, [], end);
    run.cancels("build");
    expect(projection.failedJobIds).toStrictEqual(["unit", "lint"]);
  });
});

describe("RunProjection of a job's end", () => {
  test("RunProjection completes manifest and summary, and drops what only they need", () => {
    const { projection, changes, sink } = projecting();
    const run = scriptRun(IDENTITY, sink);
    const node = graphNode("build", "test", { script: ["make"] });
    run.begins(graphOf([node]));
    startJob(run, "build");
    run.executionStarts("build");
    run.stepStarts("build", 1);
    run.stepEnds("build", 1);
    run.executionEnds("build");
    endJob(run, "build", "success");
    expect(changes.map(({ kind, ...change }) => [kind, "path" in change && change.path])).toStrictEqual([
      ["write", "jobs/build/system/provider/summary.json"],
      ["write", `${SCRIPT}/01/summary.json`],
      ["write", "jobs/build/system/cleanup/summary.json"],
      ["write", "jobs/build/manifest.json"],
      ["write", "jobs/build/summary.json"],
    ]);
    expect(projection.jobs).toStrictEqual([
      {
        jobId: "build",
        node,
        attempts: 1,
        startedAt: "2026-03-07T06:40:00.070Z",
        provider: "host",
        steps: [],
        sections: new Map(),
        end: {
          status: "success",
          finishedAt: "2026-03-07T06:40:00.200Z",
          durationMs: 130,
          exitCode: 0,
        },
      },
    ]);
  });

  test("RunProjection tells the exit code of the failing step, and no skip reason of a failure", () => {
    const { projection, run } = looseRun();
    run.runs("build", 30, [], { exitCode: 3, error: EXIT_3 });
    expect(projection.jobs[0]?.end).toStrictEqual({
      status: "failed",
      finishedAt: "2026-03-07T06:40:00.030Z",
      durationMs: 30,
      exitCode: 3,
    });
  });

  test("RunProjection tells no exit code of a job that a signal ended", () => {
    const { projection, run, documentAt } = looseRun();
    run.runs("build", 30, [], { signal: "SIGKILL" });
    expect(projection.jobs[0]?.end).toStrictEqual({
      status: "failed",
      finishedAt: "2026-03-07T06:40:00.030Z",
      durationMs: 30,
    });
    expect(documentAt("user/execution/script/01/summary.json")).toStrictEqual({
      schema_version: "loom.runtime.logs.v2",
      run_id: IDENTITY.runId,
      pipeline_id: IDENTITY.pipelineId,
      job_id: "build",
      step: 1,
      command: "",
      status: "failed",
      signal: "SIGKILL",
      started_at: "2026-03-07T06:40:00.000Z",
      finished_at: "2026-03-07T06:40:00.030Z",
      duration_ms: 30,
      output_lines: 0,
      output_bytes: 0,
      events_path: `${SCRIPT}/01/events.jsonl`,
    });
  });

  test("RunProjection tells no exit code of a failure without a cause", () => {
    const { projection, run } = looseRun();
    run.starts("build");
    run.jobMoves("build", "running", "failed");
    expect(projection.jobs[0]?.end).toStrictEqual({
      status: "failed",
      finishedAt: "2026-03-07T06:40:00.000Z",
      durationMs: 0,
    });
  });

  test("RunProjection tells no exit code of a cancelled job, whatever its step left", () => {
    const { projection, run } = looseRun();
    run.starts("build");
    run.stepStarts("build", 1);
    run.stepEnds("build", 1, { exitCode: 3 });
    run.jobMoves("build", "running", "cancelled", "cancelled");
    expect(projection.jobs[0]?.end).toStrictEqual({
      status: "cancelled",
      finishedAt: "2026-03-07T06:40:00.000Z",
      durationMs: 0,
    });
    expect(projection.failedJobIds).toStrictEqual([]);
  });

  test("RunProjection tells why a job was skipped, as far as the records do", () => {
    const { projection, run } = looseRun();
    run.wait(40);
    run.skips("build", "upstream_failed", ["lint", "unit"]);
    run.jobMoves("deploy", "pending", "skipped");
    const skipped = { status: "skipped", finishedAt: "2026-03-07T06:40:00.040Z", durationMs: 0 };
    expect(projection.jobs.map((job) => job.end)).toStrictEqual([
      { ...skipped, skipReason: "upstream_failed", blockedBy: ["lint", "unit"] },
      skipped,
    ]);
  });
});

describe("RunProjection of a job that keeps a result", () => {
  test("RunProjection tells of which run it keeps it", () => {
    const { projection, run } = looseRun();
    const keptFrom = runIdentity(7n).runId;
    run.record(
      { kind: "pipeline" },
      {
        seq: 1,
        ts: "2026-03-07T06:40:00.000Z",
        event: "job_state",
        job_id: BUILD.jobId,
        from: "pending",
        to: "skipped",
        reason: "not_selected",
        kept_from: keptFrom,
      },
    );
    expect(projection.jobs[0]?.end).toStrictEqual({
      status: "skipped",
      finishedAt: "2026-03-07T06:40:00.000Z",
      durationMs: 0,
      skipReason: "not_selected",
      keptFrom,
    });
  });
});

describe("RunProjection of what made a job fail", () => {
  test("RunProjection takes the first phase that failed for the cause", () => {
    const { projection, run } = looseRun();
    run.phaseEnds(BUILD, "job.provider_prepare");
    run.logs(BUILD, "error", "Not the end of a phase", { status: "failed", phase_code: "job.cache_restore" });
    run.phaseEnds(BUILD, "job.artifact_save", { error: LOST });
    run.phaseEnds(BUILD, "job.cleanup", { error: EXIT_3 });
    run.jobMoves("build", "running", "failed");
    expect(projection.jobs[0]?.failure).toStrictEqual({
      section: "artifact_save",
      error: LOST,
      eventsPath: "jobs/build/events.jsonl",
    });
  });

  test("RunProjection takes a failed step for the cause, and the first of several", () => {
    const { projection, run } = looseRun();
    run.starts("build");
    run.phaseEnds(BUILD, "job.cache_restore", { error: LOST });
    for (const [step, exitCode] of [0, 3, 4].entries()) {
      run.stepStarts("build", step + 1);
      run.stepEnds("build", step + 1, { exitCode });
    }
    run.executionEnds("build", { exitCode: 3 });
    run.jobMoves("build", "running", "failed");
    expect(projection.jobs[0]?.failure).toStrictEqual({
      section: "execution",
      step: 2,
      exitCode: 3,
      eventsPath: `${SCRIPT}/02/events.jsonl`,
    });
  });

  test("RunProjection does not take a step for the cause that passed", () => {
    const { projection, run } = looseRun();
    run.starts("build");
    run.stepStarts("build", 1);
    run.stepEnds("build", 1);
    run.cleansUp("build", { error: LOST }, () => run.section("build", "cleanup", { error: LOST }));
    run.jobMoves("build", "running", "failed");
    expect(projection.jobs[0]?.failure).toStrictEqual({
      section: "cleanup",
      error: LOST,
      eventsPath: "jobs/build/system/cleanup/events.jsonl",
    });
  });
});

describe("RunProjection of several attempts", () => {
  test("RunProjection sets the steps of a replaced attempt aside, and forgets how it came out", () => {
    const { projection, changes, sink } = projecting();
    const run = scriptRun(IDENTITY, sink);
    run.begins(graphOf([{ id: "build", script: ["make", "make check"] }]));
    startJob(run, "build");
    run.executionStarts("build");
    run.stepStarts("build", 1);
    run.stepEnds("build", 1, { exitCode: 3, error: EXIT_3 });
    run.executionEnds("build", { exitCode: 3, error: EXIT_3 });
    const before = changes.length;
    beginAttempt(run, "build", 2);
    expect(changes.slice(before, -1)).toStrictEqual([
      {
        kind: "move",
        jobId: "build",
        from: `${SCRIPT}/`,
        to: "jobs/build/user/execution/attempts/1/script/",
      },
      {
        kind: "write",
        jobId: "build",
        path: "jobs/build/user/execution/attempts/1/script/01/summary.json",
        document: {
          schema_version: "loom.runtime.logs.v2",
          run_id: IDENTITY.runId,
          pipeline_id: IDENTITY.pipelineId,
          job_id: "build",
          step: 1,
          command: "make",
          status: "failed",
          exit_code: 3,
          started_at: "2026-03-07T06:40:00.130Z",
          finished_at: "2026-03-07T06:40:00.140Z",
          duration_ms: 10,
          output_lines: 0,
          output_bytes: 0,
          events_path: "jobs/build/user/execution/attempts/1/script/01/events.jsonl",
        },
      },
    ]);
    const [job] = projection.jobs;
    expect(job).toStrictEqual({
      jobId: "build",
      node: projection.graph.nodes[0],
      attempts: 2,
      startedAt: "2026-03-07T06:40:00.070Z",
      provider: "host",
      steps: [],
      sections: job?.sections,
    });
  });

  test("RunProjection moves steps that never ended, or whose predecessors are lost, with the others", () => {
    const { run, pathsOf, step } = looseRun();
    run.starts("build");
    run.stepStarts("build", 2);
    run.stepEnds("build", 2);
    run.phaseStarts(step(3), "step.script");
    run.phaseStarts(BUILD, "job.provider_prepare");
    expect(pathsOf().slice(2)).toStrictEqual([
      "jobs/build/user/execution/attempts/1/script/",
      "jobs/build/user/execution/attempts/1/script/02/summary.json",
    ]);
  });

  test("RunProjection moves nothing for an attempt without steps, and counts only starts of the provider", () => {
    const { projection, run, pathsOf } = looseRun();
    run.getsProvider("build");
    run.phaseStarts(BUILD, "job.cache_restore");
    run.executionStarts("build");
    expect(projection.jobs[0]?.attempts).toBe(1);
    run.getsProvider("build", 2);
    run.getsProvider("build", 3);
    expect(projection.jobs[0]?.attempts).toBe(3);
    const summary = "jobs/build/system/provider/summary.json";
    expect(pathsOf()).toStrictEqual([summary, summary, summary]);
  });

  test("RunProjection keeps a step that came before the start of its attempt", () => {
    const { projection, changes, run } = looseRun();
    run.stepStarts("build", 1);
    run.phaseStarts(BUILD, "job.provider_prepare");
    expect(changes).toStrictEqual([]);
    expect(projection.jobs[0]?.steps).toHaveLength(1);
  });

  test("RunProjection keeps the steps of an attempt while its phases begin", () => {
    const { projection, run } = looseRun();
    run.starts("build");
    run.stepStarts("build", 1);
    run.phaseStarts(BUILD, "job.cache_save");
    expect(projection.jobs[0]?.steps).toStrictEqual([
      {
        step: 1,
        startedAt: "2026-03-07T06:40:00.000Z",
        outputLines: 0,
        outputBytes: 0,
        unfinished: new Set(),
      },
    ]);
  });
});

describe("RunProjection of sections", () => {
  test("RunProjection lists sections in the order in which they last began", () => {
    const { projection, run } = looseRun();
    run.section("build", "provider");
    run.section("build", "services");
    run.section("build", "provider");
    expect([...(projection.jobs[0]?.sections.keys() ?? [])]).toStrictEqual(["services", "provider"]);
  });

  test("RunProjection makes a summary at the end of a section, and of no other record", () => {
    const { changes, run, section } = looseRun();
    const services = section("services");
    run.phaseStarts(services, "job.provider_prepare");
    run.logs(services, "info", "Starting");
    expect(changes).toStrictEqual([]);
    run.wait(7);
    run.phaseEnds(services, "job.provider_prepare", { error: LOST });
    expect(changes).toStrictEqual([
      {
        kind: "write",
        jobId: "build",
        path: "jobs/build/system/services/summary.json",
        document: {
          schema_version: "loom.runtime.logs.v2",
          run_id: IDENTITY.runId,
          pipeline_id: IDENTITY.pipelineId,
          job_id: "build",
          section: "services",
          phase_code: "job.provider_prepare",
          status: "failed",
          started_at: "2026-03-07T06:40:00.000Z",
          finished_at: "2026-03-07T06:40:00.007Z",
          duration_ms: 7,
          error: LOST,
          events_path: "jobs/build/system/services/events.jsonl",
        },
      },
    ]);
  });

  test("RunProjection knows no error of a section that names none", () => {
    const { projection, run } = looseRun();
    run.section("build", "services");
    expect(projection.jobs[0]?.sections.get("services")?.end).toStrictEqual({
      status: "success",
      finishedAt: "2026-03-07T06:40:00.000Z",
      durationMs: 0,
    });
  });

  test("RunProjection makes nothing of a section or a step whose start is lost", () => {
    const { changes, run, section, step } = looseRun();
    run.logs(section("provider"), "info", "About provider", { provider: "host" });
    run.phaseEnds(section("provider"), "job.provider_prepare");
    run.phaseEnds(step(1), "step.script", { exitCode: 3 });
    run.logs(step(1), "info", "About a step");
    expect(changes).toStrictEqual([]);
  });

  test("RunProjection tells of a step either the exit code or the signal that ended it, or neither", () => {
    const { projection, run } = looseRun();
    for (const [step, end] of [
      { exitCode: 3 },
      { signal: "SIGKILL" },
      { status: "skipped" as const },
    ].entries()) {
      run.stepStarts("build", step + 1);
      run.stepEnds("build", step + 1, end);
    }
    const time = { finishedAt: "2026-03-07T06:40:00.000Z", durationMs: 0 };
    expect(projection.jobs[0]?.steps.map((step) => step?.end)).toStrictEqual([
      { status: "failed", ...time, exitCode: 3 },
      { status: "failed", ...time, signal: "SIGKILL" },
      { status: "skipped", ...time },
    ]);
  });

  test("RunProjection makes nothing of a note in a step", () => {
    const { changes, projection, run, step } = looseRun();
    run.phaseStarts(step(1), "step.script");
    run.logs(step(1), "info", "About a step");
    expect(changes).toStrictEqual([]);
    expect(projection.jobs[0]?.steps[0]).not.toHaveProperty("end");
  });
});

describe("RunProjection of facts", () => {
  /** What is known of the job and the section after a note with these facts. */
  function afterNote(name: SectionName, facts: Facts) {
    const { projection, run, section } = looseRun();
    run.phaseStarts(section(name), SECTION_PHASES[name]);
    run.logs(section(name), "info", `About ${name}`, facts);
    const [job] = projection.jobs;
    const { sections, ...rest } = job ?? {};
    return { job: rest, section: sections?.get(name) };
  }

  const JOB = {
    jobId: "build",
    node: { id: "build", stage: "", target: "linux", script: [] },
    attempts: 0,
    steps: [],
  };
  const ARTIFACTS = {
    archive_path: "artifacts/build.tar",
    files: [{ path: "out/app", size: 12, sha256: "ab12" }],
  };
  const TESTS = {
    reports: ["junit.xml"],
    total: 2,
    failed: 1,
    skipped: 0,
    failures: [{ name: "adds", suite: "sums", file: "sums.test", line: 3, message: "3 is not 4" }],
  };
  const CACHE = { key: "npm-1", bytes: 512, duration_ms: 4 };

  function bare(name: SectionName): object {
    return {
      section: name,
      phaseCode: SECTION_PHASES[name],
      startedAt: "2026-03-07T06:40:00.000Z",
    };
  }

  test("RunProjection learns the provider from its section, if the name is text", () => {
    expect(afterNote("provider", { provider: "docker" })).toStrictEqual({
      job: { ...JOB, provider: "docker" },
      section: bare("provider"),
    });
    expect(afterNote("provider", { provider: 7 })).toStrictEqual({ job: JOB, section: bare("provider") });
  });

  test("RunProjection learns the artifacts of a job, if they are whole", () => {
    expect(afterNote("artifact_save", { artifacts: ARTIFACTS })).toStrictEqual({
      job: { ...JOB, artifacts: ARTIFACTS },
      section: bare("artifact_save"),
    });
    expect(afterNote("artifact_save", { artifacts: { archive_path: "a.tar" } })).toStrictEqual({
      job: JOB,
      section: bare("artifact_save"),
    });
  });

  test("RunProjection learns how the tests of a job came out, if all of it is there", () => {
    expect(afterNote("artifact_save", { tests: TESTS })).toStrictEqual({
      job: { ...JOB, tests: TESTS },
      section: bare("artifact_save"),
    });
    expect(afterNote("artifact_save", { tests: { total: 2 } })).toStrictEqual({
      job: JOB,
      section: bare("artifact_save"),
    });
  });

  test("RunProjection forgets artifacts and tests of an attempt that is replaced, and of a job that ended", () => {
    const { documentAt, projection, run, section } = looseRun();
    const save = (): void =>
      run.section("build", "artifact_save", {}, () =>
        run.logs(section("artifact_save"), "info", "Saved", { artifacts: ARTIFACTS, tests: TESTS }),
      );
    run.getsProvider("build");
    save();
    run.getsProvider("build", 2);
    expect(projection.jobs[0]).not.toHaveProperty("artifacts");
    expect(projection.jobs[0]).not.toHaveProperty("tests");
    save();
    run.jobMoves("build", "running", "success");
    expect(documentAt("manifest.json")).toMatchObject({ artifacts: ARTIFACTS, tests: TESTS });
    expect(projection.jobs[0]).not.toHaveProperty("artifacts");
    expect(projection.jobs[0]).not.toHaveProperty("tests");
  });

  test.each(["services", "image_build", "artifact_extract", "cleanup"] as const)(
    "RunProjection learns nothing from a note of the section %s",
    (name) => {
      const facts = { ...CACHE, provider: "docker", artifacts: ARTIFACTS };
      expect(afterNote(name, facts)).toStrictEqual({ job: JOB, section: bare(name) });
    },
  );

  test("RunProjection reads no cache facts of another type than they have", () => {
    const facts = { key: 1, hit: "yes", bytes: "512", duration_ms: 4 };
    expect(afterNote("cache_restore", facts).section).toStrictEqual(bare("cache_restore"));
  });

  test.each([
    ["no more than what every cache has", CACHE],
    ["what was restored", { ...CACHE, cache: "npm", hit: true, matched_key: "npm-0" }],
    ["what was saved", { ...CACHE, saved: false, reason: "unchanged" }],
  ])("RunProjection keeps of a cache %s", (_, cache) => {
    const { key, bytes, ...rest } = cache;
    const hit = "hit" in rest ? { hit: rest.hit } : {};
    const more = { ...cache, message: "not a fact of a cache" };
    expect(afterNote("cache_save", more).section).toStrictEqual({
      ...bare("cache_save"),
      key,
      bytes,
      ...hit,
      caches: [cache],
    });
  });

  test("RunProjection reads facts from notes only", () => {
    const { projection, run, section } = looseRun();
    run.phaseStarts(section("provider"), "job.provider_prepare");
    const finish = { event: "phase_finish", seq: 3, ts: "2026-03-07T06:40:00.000Z", provider: "docker" };
    run.record(section("provider"), finish as unknown as LifecycleRecord);
    expect(projection.jobs[0]).not.toHaveProperty("provider");
  });
});

describe("RunProjection of output", () => {
  /** How much the first step of the job has put out. */
  function countsOf(projection: RunProjection): unknown {
    const { outputLines, outputBytes } = projection.jobs[0]?.steps[0] ?? {};
    return [outputLines, outputBytes];
  }

  test("RunProjection counts a line that came in pieces once, with the bytes of all", () => {
    const { projection, run } = looseRun();
    run.starts("build");
    run.stepStarts("build", 1);
    run.prints("build", 1, ["one", "two"]);
    expect(countsOf(projection)).toStrictEqual([2, 7]);
    run.prints("build", 1, ["thr"], { partial: true });
    expect(countsOf(projection)).toStrictEqual([3, 10]);
    run.prints("build", 1, ["e"], { partial: true });
    run.prints("build", 1, ["e"]);
    expect(countsOf(projection)).toStrictEqual([3, 12]);
    run.prints("build", 1, ["four"]);
    expect(countsOf(projection)).toStrictEqual([4, 16]);
  });

  test("RunProjection does not take a line of one output for the rest of a line of the other", () => {
    const { projection, run } = looseRun();
    run.starts("build");
    run.stepStarts("build", 1);
    run.prints("build", 1, ["half"], { partial: true });
    run.prints("build", 1, ["whole"], { stream: "stderr" });
    expect(countsOf(projection)).toStrictEqual([2, 9]);
  });

  test("RunProjection takes over what is known of the output of a past step", () => {
    const { projection, run } = looseRun();
    run.starts("build");
    run.stepStarts("build", 1);
    run.prints("build", 1, ["one"]);
    projection.recallOutput({ jobId: BUILD.jobId, step: 1, lines: 40, bytes: 900 });
    expect(countsOf(projection)).toStrictEqual([40, 900]);
  });

  test("RunProjection counts nothing for a step that it does not know, and nothing outside of steps", () => {
    const { projection, run } = looseRun();
    const batch = {
      stream: "stdout",
      firstSeq: 1,
      ts: "",
      bytes: new Uint8Array(1),
      ends: [1],
      partial: false,
    } as const;
    projection.output({ kind: "section", jobId: BUILD.jobId, section: "services" }, batch, 1);
    expect(projection.jobs).toStrictEqual([]);
    run.prints("build", 1, ["one"]);
    projection.recallOutput({ jobId: BUILD.jobId, step: 2, lines: 40, bytes: 900 });
    expect(projection.jobs[0]?.steps).toStrictEqual([]);
  });
});
