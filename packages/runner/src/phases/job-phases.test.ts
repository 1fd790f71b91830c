import {
  existsSync,
  mkdirSync,
  mkdtempSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import { err, jobId, ok, runIdentity, type GraphCache, type GraphNode, type PhaseOutcome } from "@loom/core";
import type { PhaseRequest, WorkspaceCopy } from "@loom/ports";
import { createRecordingSections, createStopSwitch, FakeClock, type RecordedSection } from "@loom/testkit";
import { describe, expect, onTestFinished, test } from "vitest";
import { JobPhases, type JobPhasesOptions } from "./job-phases.ts";

/** A run with a workspace, a store and a place for evidence, all gone when the test is over. */
class Arranged {
  readonly base: string = realpathSync(mkdtempSync(join(tmpdir(), "loom-phases-")));
  readonly workspace: string = join(this.base, "workspace");
  readonly run: string = join(this.base, "run");
  readonly clock: FakeClock = new FakeClock();
  readonly phases: JobPhases;

  constructor(nodes: readonly GraphNode[], more: Partial<JobPhasesOptions> = {}) {
    onTestFinished(() => rmSync(this.base, { recursive: true, force: true }));
    for (const folder of [this.workspace, this.run]) mkdirSync(folder, { recursive: true });
    this.phases = new JobPhases({
      identity: runIdentity(1n),
      runDirectory: this.run,
      projectFolder: "/repo",
      graph: { schema: "loom.graph-ir.v1", stages: ["a", "b"], nodes, edges: [] },
      headSha: "0123",
      cacheHome: join(this.base, "cache"),
      hasOwnWorkspace: () => false,
      clock: this.clock,
      ...more,
    });
  }

  write(path: string, text = path): void {
    mkdirSync(dirname(join(this.workspace, path)), { recursive: true });
    writeFileSync(join(this.workspace, path), text);
  }

  async phase(
    node: GraphNode,
    phase: PhaseRequest["phase"],
    more: Partial<PhaseRequest> = {},
  ): Promise<{
    readonly outcome: PhaseOutcome;
    readonly section: RecordedSection | undefined;
    readonly said: readonly string[];
  }> {
    const sections = createRecordingSections();
    const spec = {
      jobId: jobId(node.id),
      node,
      attempt: 1,
      env: { FLAVOUR: "vanilla" },
      workspaceRoot: this.workspace,
    };
    const outcome = await this.phases.run({
      phase,
      spec,
      sections,
      stop: createStopSwitch().request,
      ...more,
    });
    const section = sections.sections[0];
    return {
      outcome,
      section,
      said: (section?.logs ?? []).map(({ level, message }) => `${level} ${message}`),
    };
  }
}

function job(more: Partial<GraphNode> = {}): GraphNode {
  return { id: "unit", stage: "b", target: "linux", script: ["true"], ...more };
}

function cache(more: Partial<GraphCache> = {}): GraphCache {
  return { paths: ["deps"], key: "k", policy: "pull-push", when: "on_success", ...more };
}

describe("JobPhases.optionalPhases()", () => {
  const phasesOf = (node: GraphNode, more: Partial<JobPhasesOptions> = {}) => {
    const nodes = [job({ id: "early", stage: "a", artifacts: { paths: ["x"], when: "always" } }), node];
    return new Arranged(nodes, more).phases.optionalPhases(node);
  };

  test("has none for a job without caches and artifacts", () => {
    expect(phasesOf(job())).toEqual({ restoresCache: false, restoresArtifacts: false });
  });

  test("follows the policies of caches, and when they are saved", () => {
    expect(phasesOf(job({ cache: [cache()] }))).toMatchObject({
      restoresCache: true,
      savesCache: "on_success",
    });
    expect(phasesOf(job({ cache: [cache({ policy: "pull" })] }))).not.toHaveProperty("savesCache");
    expect(phasesOf(job({ cache: [cache({ policy: "push" })] }))).toMatchObject({ restoresCache: false });
    const mixed = [cache(), cache({ when: "on_failure" }), cache({ policy: "pull", when: "always" })];
    expect(phasesOf(job({ cache: mixed }))).toMatchObject({ savesCache: "always" });
    const failing = [cache({ when: "on_failure" }), cache({ policy: "pull" })];
    expect(phasesOf(job({ cache: failing }))).toMatchObject({ savesCache: "on_failure" });
  });

  test("has no caches where there is no folder for them", () => {
    expect(phasesOf(job({ cache: [cache()] }), { cacheHome: undefined })).toEqual({
      restoresCache: false,
      restoresArtifacts: false,
    });
  });

  test("saves artifacts when the job says, and takes over those of others into a workspace of its own", () => {
    const node = job({ artifacts: { paths: ["dist"], when: "on_failure" } });
    expect(phasesOf(node)).toMatchObject({ savesArtifacts: "on_failure", restoresArtifacts: false });
    expect(phasesOf(node, { hasOwnWorkspace: () => true })).toMatchObject({ restoresArtifacts: true });
    const alone = job({ needs: [] });
    expect(phasesOf(alone, { hasOwnWorkspace: () => true })).toMatchObject({ restoresArtifacts: false });
  });
});

describe("JobPhases.run(), caches", () => {
  const node = job({ cache: [cache({ key: { prefix: "deps", files: ["lock"] } })] });

  test("saves what a later run restores, under a key that follows the files", async () => {
    const arranged = new Arranged([node]);
    arranged.write("lock", "1");
    expect(await arranged.phase(node, "job.cache_restore")).toMatchObject({
      outcome: { status: "success" },
      said: [expect.stringMatching(/^info There is nothing under deps-[0-9a-f]{12}… yet$/u)],
    });
    arranged.write("deps/one");
    const saved = await arranged.phase(node, "job.cache_save", { verdict: "success" });
    expect(saved.said).toEqual([
      expect.stringMatching(/^info Saved deps-[0-9a-f]{12}…, \d+ bytes in 0 ms$/u),
    ]);
    rmSync(join(arranged.workspace, "deps"), { recursive: true });
    const restored = await arranged.phase(node, "job.cache_restore");
    expect(restored.section?.logs[0]?.facts).toMatchObject({
      hit: true,
      bytes: expect.any(Number) as number,
    });
    expect(readFileSync(join(arranged.workspace, "deps/one"), "utf8")).toBe("deps/one");
    expect((await arranged.phase(node, "job.cache_save", { verdict: "success" })).said).toEqual([
      expect.stringMatching(/is not saved: it already exists$/u),
    ]);
    arranged.write("lock", "2");
    expect((await arranged.phase(node, "job.cache_restore")).section?.logs[0]?.facts).toMatchObject({
      hit: false,
    });
  });

  test("works the key out before the job, which may change its files", async () => {
    const arranged = new Arranged([node]);
    arranged.write("lock", "before");
    const { section } = await arranged.phase(node, "job.cache_restore");
    arranged.write("lock", "after");
    arranged.write("deps/one");
    const saved = await arranged.phase(node, "job.cache_save", { verdict: "success" });
    expect(saved.section?.logs[0]?.facts?.["key"]).toBe(section?.logs[0]?.facts?.["key"]);
  });

  test("saves after the results that each cache names", async () => {
    const failing = job({
      cache: [cache({ key: "ok" }), cache({ key: "bad", when: "on_failure", paths: ["logs"] })],
    });
    const arranged = new Arranged([failing]);
    arranged.write("deps/one");
    arranged.write("logs/one");
    await arranged.phase(failing, "job.cache_restore");
    const { section } = await arranged.phase(failing, "job.cache_save", { verdict: "failed" });
    expect(section?.logs.map(({ facts }) => [facts?.["key"], facts?.["saved"]])).toEqual([
      ["ok", false],
      ["bad", true],
      ["ok, bad", undefined],
    ]);
  });

  test("falls back to another key, expands a template, and sums several caches up", async () => {
    const before = job({ cache: [cache({ key: "old" })] });
    const after = job({
      cache: [
        cache({ key: { template: "$FLAVOUR-$job_id-$head_sha" }, fallback_keys: ["old"] }),
        cache({ key: "other", paths: ["logs"] }),
      ],
    });
    const arranged = new Arranged([after]);
    arranged.write("deps/one");
    await arranged.phase(before, "job.cache_save", { verdict: "success" });
    const { section, said } = await arranged.phase(after, "job.cache_restore");
    expect(said).toEqual([
      expect.stringMatching(/^info Restored old in place of vanilla-unit-0123, \d+ bytes in 0 ms$/u),
      "info There is nothing under other yet",
      "debug Restored 1 of 2 caches",
    ]);
    expect(section?.logs.at(-1)?.facts).toMatchObject({ key: "vanilla-unit-0123, other", hit: false });
  });

  test("fails no job, whatever the store is like", async () => {
    const arranged = new Arranged([node]);
    writeFileSync(join(arranged.base, "cache"), "a file where the store has its folder");
    arranged.write("lock", "1");
    arranged.write("deps/one");
    expect((await arranged.phase(node, "job.cache_restore")).outcome).toEqual({ status: "success" });
    const { outcome, said } = await arranged.phase(node, "job.cache_save", { verdict: "success" });
    expect(outcome).toEqual({ status: "success" });
    expect(said[0]).toMatch(/^warn /u);
  });

  test("ends as cancelled when the job is stopped", async () => {
    const arranged = new Arranged([node]);
    const stop = createStopSwitch();
    stop.terminate();
    expect((await arranged.phase(node, "job.cache_restore", { stop: stop.request })).outcome.status).toBe(
      "cancelled",
    );
  });
});

test("the caches of a job that works in a copy are put into it, and taken out only if they are saved", async () => {
  const node = job({
    cache: [cache({ name: "one", key: "one" }), cache({ name: "two", paths: ["two/**"] })],
  });
  const arranged = new Arranged([node]);
  const moved: string[] = [];
  const copy: WorkspaceCopy = {
    putIn: async (paths) => Promise.resolve(ok(void moved.push(`in ${paths.join(" ")}`))),
    takeOut: async (paths) => Promise.resolve(ok(void moved.push(`out ${paths.join(" ")}`))),
  };
  arranged.write("deps/a");
  const saving = { verdict: "success" as const, copy };
  await arranged.phase(node, "job.cache_restore", { copy });
  await arranged.phase(node, "job.cache_save", saving);
  await arranged.phase(node, "job.cache_restore", { copy });
  await arranged.phase(node, "job.cache_save", saving);
  await arranged.phase(node, "job.cache_save", { verdict: "failed", copy });
  expect(moved).toEqual(["in ", "out deps two", "in deps", "out two", "out "]);
  const error = { code: "engine_failed", message: "Gone" } as const;
  const gone: WorkspaceCopy = { ...copy, takeOut: async () => Promise.resolve(err(error)) };
  const { outcome, said } = await arranged.phase(node, "job.cache_save", { ...saving, copy: gone });
  expect([outcome, said]).toEqual([{ status: "success" }, ["warn No cache was saved: Gone"]]);
});

describe("JobPhases.run(), artifacts", () => {
  const node = job({
    artifacts: { paths: ["dist/**", "missing"], exclude: ["**/*.map"], when: "on_success" },
  });

  test("collects files and packs them, and tells of what matched nothing", async () => {
    const arranged = new Arranged([node]);
    arranged.write("dist/app.js", "app");
    arranged.write("dist/app.js.map");
    const { section, said } = await arranged.phase(node, "job.artifact_save", { verdict: "success" });
    expect(said).toEqual([
      'warn "missing" of the artifacts matches nothing',
      expect.stringMatching(/^info Collected 1 file, \d+ bytes packed$/u),
    ]);
    expect(section?.logs.at(-1)?.facts?.["artifacts"]).toEqual({
      archive_path: "jobs/unit/artifacts.tar.gz",
      files: [{ path: "dist/app.js", size: 3, sha256: expect.stringMatching(/^[0-9a-f]{64}$/u) as string }],
    });
    expect(readFileSync(join(arranged.run, "jobs/unit/artifacts/dist/app.js"), "utf8")).toBe("app");
    expect(existsSync(join(arranged.run, "jobs/unit/artifacts.tar.gz"))).toBe(true);
  });

  test("of a job that works in a copy, takes out what it collects, and fails when it cannot", async () => {
    const arranged = new Arranged([node]);
    const taken: (readonly string[])[] = [];
    const takeOut: WorkspaceCopy["takeOut"] = async (paths) => {
      taken.push(paths);
      arranged.write("dist/app.js", "of the job");
      return Promise.resolve(ok(undefined));
    };
    const copy: WorkspaceCopy = { takeOut, putIn: takeOut };
    const asked = { verdict: "success" as const, copy };
    expect((await arranged.phase(node, "job.artifact_save", asked)).outcome).toEqual({ status: "success" });
    expect(taken).toEqual([["dist", "missing"]]);
    expect(readFileSync(join(arranged.run, "jobs/unit/artifacts/dist/app.js"), "utf8")).toBe("of the job");
    const error = { code: "engine_failed", message: "Gone" } as const;
    const gone = { copy: { ...copy, takeOut: async () => Promise.resolve(err(error)) } };
    const { outcome } = await arranged.phase(node, "job.artifact_save", { ...asked, ...gone });
    expect(outcome).toEqual({ status: "failed", error });
  });

  test("succeeds when nothing matches, with a warning", async () => {
    const arranged = new Arranged([node]);
    const { outcome, said } = await arranged.phase(node, "job.artifact_save", { verdict: "success" });
    expect(outcome).toEqual({ status: "success" });
    expect(said.length).toBeGreaterThan(0);
    expect(existsSync(join(arranged.run, "jobs/unit/artifacts"))).toBe(false);
  });

  test("fails when they cannot be kept", async () => {
    const arranged = new Arranged([node]);
    arranged.write("dist/app.js");
    writeFileSync(join(arranged.run, "jobs"), "a file where the jobs have their folder");
    const { outcome } = await arranged.phase(node, "job.artifact_save", { verdict: "success" });
    expect(outcome).toMatchObject({
      status: "failed",
      error: { code: expect.stringMatching(/^ARTIFACTS_/u) as string },
    });
  });

  test("brings those of the jobs that it needs into a workspace of its own", async () => {
    const builder = job({ id: "build", stage: "a", artifacts: { paths: ["dist"], when: "on_success" } });
    const other = job({ id: "other", stage: "a", artifacts: { paths: ["else"], when: "on_success" } });
    const silent = job({ id: "silent", stage: "a", artifacts: { paths: ["nothing"], when: "on_success" } });
    const user = job({ id: "user", needs: ["build", "silent"] });
    const arranged = new Arranged([builder, other, silent, user], { hasOwnWorkspace: () => true });
    arranged.write("dist/app.js", "app");
    symlinkSync("app.js", join(arranged.workspace, "dist/link"));
    arranged.write("else/file");
    for (const each of [builder, other, silent]) await arranged.phase(each, "job.artifact_save");
    rmSync(arranged.workspace, { recursive: true });
    mkdirSync(arranged.workspace);
    const { outcome, said } = await arranged.phase(user, "job.artifact_restore");
    expect(outcome).toEqual({ status: "success" });
    expect(said).toEqual(["info Took over 1 file of build, 3 bytes"]);
    expect(readFileSync(join(arranged.workspace, "dist/link"), "utf8")).toBe("app");
    expect(existsSync(join(arranged.workspace, "else"))).toBe(false);
  });

  test("brings those of a job with a workspace of its own into the shared one, once", async () => {
    const builder = job({ id: "build", stage: "a", artifacts: { paths: ["dist"], when: "on_success" } });
    const other = job({ id: "other", stage: "a", artifacts: { paths: ["else"], when: "on_success" } });
    const users = ["first", "second"].map((id) => job({ id, stage: "b" }));
    const arranged = new Arranged([builder, other, ...users], {
      hasOwnWorkspace: ({ id }) => id === "build",
    });
    arranged.write("dist/app.js", "app");
    arranged.write("else/file");
    for (const each of [builder, other]) await arranged.phase(each, "job.artifact_save");
    rmSync(arranged.workspace, { recursive: true });
    mkdirSync(arranged.workspace);
    const brought = await Promise.all(users.map((user) => arranged.phase(user, "job.artifact_restore")));
    expect(brought.map(({ outcome }) => outcome.status)).toEqual(["success", "success"]);
    expect(brought.map(({ said }) => said)).toEqual([["info Took over 1 file of build, 3 bytes"], []]);
    expect(readFileSync(join(arranged.workspace, "dist/app.js"), "utf8")).toBe("app");
    expect(existsSync(join(arranged.workspace, "else"))).toBe(false);
  });

  test("fails when those of another job are damaged", async () => {
    const builder = job({ id: "build", stage: "a", artifacts: { paths: ["dist"], when: "on_success" } });
    const user = job({ id: "user" });
    const arranged = new Arranged([builder, user], { hasOwnWorkspace: () => true });
    mkdirSync(join(arranged.run, "jobs/build"), { recursive: true });
    writeFileSync(join(arranged.run, "jobs/build/artifacts.tar.gz"), "no archive");
    const { outcome } = await arranged.phase(user, "job.artifact_restore");
    expect(outcome).toMatchObject({
      status: "failed",
      error: {
        code: "ARTIFACTS_DAMAGED",
        message: expect.stringContaining('artifacts of "build"') as string,
      },
    });
  });
});
