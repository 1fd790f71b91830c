import { EMPTY_GRAPH, err, ok, runIdentity, type EventError, type JobId } from "@loom/core";
import type { JobProvider, RunLog } from "@loom/ports";
import { createMemoryProvider, createRecordingLog, FakeClock, type RecordedLog } from "@loom/testkit";
import { compileWorkflow } from "@loom/workflow";
import { expect, test } from "vitest";
import type { RunRequest } from "../run-request.ts";
import { bootstrapRun, type Bootstrap, type BootstrapParts } from "./bootstrap-run.ts";
import type { GitFacts } from "./git-facts.ts";
import type { OpenedWorkspace, WorkspaceOpener } from "../workspace/opened-workspace.ts";

const MEMORY: JobProvider = createMemoryProvider().open({ runId: runIdentity(7n).runId, env: {} });

const GIT: GitFacts = {
  headSha: "0123",
  branch: "main",
  message: "First",
  dirtyFiles: ["a.txt"],
  untrackedFiles: [],
};

function load(text: string): BootstrapParts["load"] {
  return async () => {
    const compiled = compileWorkflow({
      path: "workflow.yml",
      text,
      readInclude: () => err({ code: "not_found" }),
    });
    return compiled.ok
      ? ok(compiled.value)
      : err({ code: "WF_SCHEMA_V1", message: compiled.error[0]?.message ?? "" });
  };
}

/** A workspace that is there at once, at `/work`. */
function workspaceOf(facts: Partial<OpenedWorkspace>): WorkspaceOpener {
  return {
    open: () => Promise.resolve(ok({ projectDir: "/work", warnings: [], ...facts })),
    look: () => Promise.resolve(ok(GIT)),
    keepForOwn: () => Promise.resolve(err({ code: "WORKSPACE_NO_SPACE", message: "The disk is full" })),
    close: () => Promise.resolve(),
  };
}

interface Arranged {
  readonly bootstrap: Bootstrap;
  readonly logs: readonly RecordedLog[];
}

async function bootstrapped(
  workflow: string,
  { request = {}, parts = {} }: { request?: Partial<RunRequest>; parts?: Partial<BootstrapParts> } = {},
): Promise<Arranged> {
  const log: RunLog & { readonly logs: readonly RecordedLog[] } = createRecordingLog();
  const bootstrap = await bootstrapRun(
    {
      location: { workflowPath: "/repo/.loom/workflow.yml", repoRoot: "/repo" },
      loomVersion: "1.2.3",
      dockerWorkspaceMount: "bind_mount",
      concurrency: 2,
      failFast: false,
      only: [],
      play: [],
      variables: {},
      command: ["loom", "run"],
      callerEnv: {},
      ...request,
    },
    {
      identity: runIdentity(7n),
      workspace: workspaceOf({ git: GIT }),
      load: load(workflow),
      lastDurations: () => new Map<JobId, number>(),
      runDirectory: "/repo/.loom/.runtime/logs/loom-run-local-7",
      secretsFolder: "/home/me/.cache/loom/secrets",
      clock: new FakeClock(),
      providers: { host: MEMORY },
      ...parts,
    },
    { log, stop: new AbortController().signal },
  );
  return { bootstrap, logs: log.logs };
}

const WORKFLOW = "version: v1\nstages: [a]\none: {stage: a, script: [x]}\n";

/** What the job of a bootstrap is given; the test fails when there is none. */
function jobOf({ bootstrap }: Arranged, id = "one") {
  if (!bootstrap.prepared.ok) throw new Error(bootstrap.prepared.error.error.message);
  return bootstrap.prepared.value.jobFor(id as JobId, 1);
}

test("bootstrapRun() plans the jobs and tells them what git says of the checkout", async () => {
  const arranged = await bootstrapped(WORKFLOW);
  const { provider, spec } = jobOf(arranged);
  expect(provider.name).toBe("memory");
  expect(spec).toMatchObject({ jobId: "one", attempt: 1, workspaceRoot: "/work" });
  expect(spec.env).toMatchObject({
    CI_COMMIT_SHA: "0123",
    CI_COMMIT_BRANCH: "main",
    LOOM_PROJECT_DIR: "/work",
  });
  expect(arranged.logs.map(({ level, message }) => `${level} ${message}`)).toEqual([
    "info Run context",
    "info Jobs work in the checkout itself",
    "info Workspace attribution",
    "info Workflow compiled",
  ]);
  expect(arranged.bootstrap.git).toEqual(GIT);
  expect(arranged.bootstrap.graph.nodes.map(({ id }) => id)).toEqual(["one"]);
});

test("bootstrapRun() fails with the problems of a workflow, and still tells the commit", async () => {
  const { bootstrap, logs } = await bootstrapped("version: v1\n");
  expect(bootstrap).toMatchObject({
    prepared: { ok: false, error: { error: { code: "WF_SCHEMA_V1" } } },
    graph: EMPTY_GRAPH,
    git: GIT,
  });
  expect(logs.map(({ message }) => message)).toContain("Workspace attribution");
});

test("bootstrapRun() goes on without a commit where git refuses, with a warning", async () => {
  const arranged = await bootstrapped(WORKFLOW, {
    parts: { workspace: workspaceOf({ gitRefusal: "dubious ownership" }) },
  });
  expect(jobOf(arranged).spec.env).not.toHaveProperty("CI_COMMIT_SHA");
  expect(arranged.logs).toContainEqual({
    level: "warn",
    message: "Git cannot describe this checkout, so no CI_COMMIT_ variable is set: dubious ownership",
  });
});

test("bootstrapRun() fails where git refuses and the rules of the pipeline ask for the commit", async () => {
  const rules = `${WORKFLOW}workflow: {rules: [{if: '$CI_COMMIT_BRANCH == "main"'}]}\n`;
  const { bootstrap } = await bootstrapped(rules, {
    parts: { workspace: workspaceOf({ gitRefusal: "dubious ownership" }) },
  });
  expect(bootstrap.prepared).toMatchObject({ ok: false, error: { error: { code: "git_refused" } } });
});

test("bootstrapRun() selects no job when no rule lets the pipeline run", async () => {
  const rules = `${WORKFLOW}workflow: {rules: [{if: '$CI_COMMIT_BRANCH == "other"'}]}\n`;
  const { bootstrap, logs } = await bootstrapped(rules);
  expect(bootstrap.prepared).toMatchObject({ ok: true, value: { plan: { selected: new Set() } } });
  expect(logs.map(({ message }) => message)).toContain(
    'The pipeline does not run: no rule of the workflow lets it, as $CI_COMMIT_BRANCH is "main"',
  );
});

test("bootstrapRun() names the rule that keeps the pipeline from running", async () => {
  const rules = `${WORKFLOW}workflow: {rules: [{if: $UNSET}, {if: $CI, when: never}]}\n`;
  const { logs } = await bootstrapped(rules);
  expect(logs.map(({ message }) => message)).toContain(
    "The pipeline does not run: the rule with if: $CI says when: never",
  );
});

test("bootstrapRun() cuts a long commit message where it becomes a variable", async () => {
  const message = "é".repeat(40_000);
  const arranged = await bootstrapped(WORKFLOW, {
    parts: { workspace: workspaceOf({ git: { ...GIT, message } }) },
  });
  expect(Buffer.byteLength(jobOf(arranged).spec.env["CI_COMMIT_MESSAGE"] ?? "")).toBe(64 * 1024);
});

test("bootstrapRun() fails with a plan when a given variable closes a circle", async () => {
  const { bootstrap } = await bootstrapped(`${WORKFLOW}variables: {A: "$B"}\n`, {
    request: { variables: { B: "$A" } },
  });
  expect(bootstrap.prepared).toMatchObject({
    ok: false,
    error: { error: { code: "VARIABLE_CYCLE" }, plan: {} },
  });
});

test("bootstrapRun() gives a job with an image to the provider that is called docker, else to none", async () => {
  const image = "version: v1\nstages: [a]\none: {stage: a, script: [x], image: alpine}\n";
  expect(jobOf(await bootstrapped(image)).provider.name).toBe("none");
  const docker: JobProvider = { ...MEMORY, name: "docker" };
  const { provider } = jobOf(await bootstrapped(image, { parts: { providers: { host: MEMORY, docker } } }));
  expect(provider).toBe(docker);
});

test("bootstrapRun() tells a job its image and the name of its provider", async () => {
  const image = "version: v1\nstages: [a]\none: {stage: a, script: [x], image: alpine}\n";
  const docker: JobProvider = { ...MEMORY, name: "podman" };
  const parts = { providers: { host: MEMORY, docker } };
  expect(jobOf(await bootstrapped(image, { parts })).spec.env).toMatchObject({
    LOOM_PROVIDER: "podman",
    LOOM_JOB_IMAGE: "alpine",
  });
  expect(jobOf(await bootstrapped(WORKFLOW)).spec.env).toMatchObject({ LOOM_PROVIDER: "memory" });
});

test("bootstrapRun() tells where the snapshot is, and what it lacks", async () => {
  const { bootstrap, logs } = await bootstrapped(WORKFLOW, {
    parts: {
      workspace: workspaceOf({
        snapshotPath: "/cache/one",
        treeHash: "abc",
        warnings: ["a socket is left out"],
      }),
    },
  });
  expect(bootstrap.snapshotPath).toBe("/cache/one");
  expect(logs).toContainEqual({
    level: "info",
    message: "Jobs work in a snapshot of the checkout",
    facts: { workspace: "/work", snapshot_path: "/cache/one", tree_hash: "abc" },
  });
  expect(logs).toContainEqual({ level: "warn", message: "a socket is left out" });
});

test("bootstrapRun() fails with a plan when there is no workspace, so that every job is closed", async () => {
  const error: EventError = { code: "WORKSPACE_NO_SPACE", message: "The disk is full" };
  const { bootstrap } = await bootstrapped(WORKFLOW, {
    parts: { workspace: { ...workspaceOf({}), open: () => Promise.resolve(err(error)) } },
  });
  expect(bootstrap.prepared).toMatchObject({
    ok: false,
    error: { error, plan: { jobs: [{ jobId: "one" }] } },
  });
});

test("bootstrapRun() gives the snapshot up when the workflow is not valid", async () => {
  let isGivenUp = false;
  await bootstrapped("version: v1\n", {
    parts: {
      workspace: {
        ...workspaceOf({}),
        open: async (stop) => {
          if (!stop.aborted) await new Promise((resolve) => stop.addEventListener("abort", resolve));
          isGivenUp = true;
          return err({ code: "WORKSPACE_CANCELLED", message: "It was given up" });
        },
      },
    },
  });
  expect(isGivenUp).toBe(true);
});

test("bootstrapRun() fails for a job that the staged workflow does not have, and says what was staged", async () => {
  const workspace = {
    ...workspaceOf({ snapshotPath: "/cache/one", snapshotOf: "staged" }),
    holdsWorkflow: true,
  };
  const { bootstrap, logs } = await bootstrapped(WORKFLOW, {
    request: { only: ["two"] },
    parts: { workspace },
  });
  expect(bootstrap).toMatchObject({
    snapshotOf: "staged",
    prepared: { ok: false, error: { error: { code: "JOB_NOT_FOUND" } } },
  });
  expect(logs.map(({ message }) => message)).toEqual(
    expect.arrayContaining([
      'The workflow ".loom/workflow.yml" is not staged: the one in the checkout is used',
      "Jobs work in a snapshot of what is staged",
    ]),
  );
});

const OWN =
  "version: v1\nstages: [a]\none: {stage: a, script: [x], workspace: own}\ntwo: {stage: a, script: [x]}\n";

/** An opener whose copies are in `/copies`, and what it was asked for. */
function copying() {
  const asked: boolean[] = [];
  const workspace: WorkspaceOpener = {
    ...workspaceOf({ snapshotPath: "/cache/one" }),
    keepForOwn: (isShared) => {
      asked.push(isShared);
      return Promise.resolve(
        ok({
          folder: "/copies",
          below: "app",
          pristine: { projectDir: "/copies/.pristine/app", snapshotPath: "/copies/.pristine" },
          warnings: ["it lacks a socket"],
          placeOf: (id: JobId) => ({ projectDir: `/copies/${id}/app`, snapshotPath: `/copies/${id}` }),
          make: () => Promise.resolve(ok(undefined)),
        }),
      );
    },
  };
  return { workspace, asked };
}

test("bootstrapRun() has a job with a workspace of its own work there, and others in the snapshot", async () => {
  const { workspace, asked } = copying();
  const arranged = await bootstrapped(OWN, { parts: { workspace } });
  expect(asked).toEqual([true]);
  expect(jobOf(arranged, "one").spec).toMatchObject({
    workspaceRoot: "/copies/one/app",
    env: { LOOM_PROJECT_DIR: "/copies/one/app", CI_PROJECT_DIR: "/copies/one/app" },
  });
  expect(jobOf(arranged, "two").spec).toMatchObject({
    workspaceRoot: "/work",
    env: { LOOM_PROJECT_DIR: "/work" },
  });
  expect(arranged.logs).toContainEqual({
    level: "info",
    message: "Jobs work in a snapshot of the checkout",
    facts: {
      workspace: "/work",
      snapshot_path: "/cache/one",
      own_workspaces: "/copies",
      own_project: "app",
    },
  });
  expect(arranged.logs).toContainEqual({ level: "warn", message: "it lacks a socket" });
});

test("bootstrapRun() keeps the snapshot for copies only where a job that runs has one", async () => {
  const only = copying();
  await bootstrapped(OWN, { parts: { workspace: only.workspace }, request: { only: ["two"] } });
  expect(only.asked).toEqual([]);
  const alone = copying();
  await bootstrapped(OWN, { parts: { workspace: alone.workspace }, request: { only: ["one"] } });
  expect(alone.asked).toEqual([false]);
  const { bootstrap } = await bootstrapped(OWN);
  expect(bootstrap.prepared).toMatchObject({
    ok: false,
    error: { error: { code: "WORKSPACE_NO_SPACE" }, plan: {} },
  });
});
