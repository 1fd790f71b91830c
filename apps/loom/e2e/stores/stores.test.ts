import { existsSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { SectionSummary } from "@loom/artifacts";
import { describe, expect, test } from "vitest";
import { makeProject, snapshots, type Project } from "../project.ts";

const HEADER = "version: v1\nstages: [a, b]\n";

/** A project whose caches and snapshots are in a folder of its own. */
function place(workflow: string): {
  readonly project: Project;
  readonly env: Record<string, string>;
  readonly store: string;
} {
  const { env, cache } = snapshots();
  return { project: makeProject({ workflow: HEADER + workflow }), env, store: join(cache, "loom/cache/v1") };
}

function section(project: Project, job: string, name: string): SectionSummary {
  const path = join(project.lastRun().directory, "jobs", job, "system", name, "summary.json");
  return JSON.parse(readFileSync(path, "utf8")) as SectionSummary;
}

/** What the manifest of a job tells of its caches. */
function cachesOf(project: Project, job: string): readonly unknown[] {
  return project
    .lastRun()
    .jobManifest(job)
    .system_sections.flatMap(({ caches = [] }) => caches);
}

/** What of a run is half done. */
function halfDone(directory: string): readonly string[] {
  return readdirSync(directory, { recursive: true, encoding: "utf8" }).filter((path) =>
    /\.(?:part|tmp)(?:\/|$)/u.test(path),
  );
}

describe("a cache", () => {
  const workflow = `deps:
  stage: a
  cache: {paths: [deps], key: {prefix: deps, files: [lock]}}
  script: ["if [ -f deps/made ]; then echo kept; else echo anew; mkdir deps; date +%N >deps/made; fi"]
`;

  test("is there in the next run, until a file of its key changes, or without --no-cache", () => {
    const { project, env } = place(workflow);
    writeFileSync(join(project.root, "lock"), "1");
    const run = (...args: string[]): string => project.loom(["run", "--stream", ...args], env).stdout;
    expect(run()).toMatch(/deps│ anew[^]*\ncache +deps +Saved deps-[0-9a-f]{12}…, \d+ bytes in \d\S* m?s\n/u);
    expect(section(project, "deps", "cache_restore")).toMatchObject({ hit: false });
    const second = run();
    expect(second).toMatch(
      /\ncache +deps +Restored deps-[0-9a-f]{12}…, \d+ bytes in \d\S* m?s\ndeps│ \$ [^\n]*\ndeps│ kept\n/u,
    );
    const { key = "", bytes = 0 } = section(project, "deps", "cache_restore");
    expect(section(project, "deps", "cache_restore")).toMatchObject({
      hit: true,
      key: expect.stringMatching(/^deps-[0-9a-f]{64}$/u) as string,
      bytes: expect.any(Number) as number,
    });
    expect(cachesOf(project, "deps")).toEqual([
      { key, hit: true, matched_key: key, bytes, duration_ms: expect.any(Number) as number },
      { key, saved: false, reason: "unchanged", bytes: 0, duration_ms: expect.any(Number) as number },
    ]);
    expect(run("--no-cache")).toContain("deps│ anew");
    writeFileSync(join(project.root, "lock"), "2");
    expect(run()).toContain("deps│ anew");
    expect(project.verdict()).toBe("valid");
  });

  test("is told of in the manifest that recovery writes as in the one that a run does", () => {
    const { project, env } = place(`${workflow}last: {stage: b, script: ["kill -9 $PPID; sleep 9"]}\n`);
    writeFileSync(join(project.root, "lock"), "1");
    expect(project.loom(["run", "-q"], env).exitCode).toBe(null);
    const [run = ""] = readdirSync(join(project.root, ".loom/.runtime/logs"));
    const path = join(project.root, ".loom/.runtime/logs", run, "jobs/deps/manifest.json");
    const written = readFileSync(path, "utf8");
    expect(written).toContain('"caches"');
    rmSync(path);
    expect(project.loom(["recover", run], env)).toMatchObject({ exitCode: 0 });
    expect(readFileSync(path, "utf8")).toBe(written);
  });

  test("is saved by two runs at a time, and whole", async () => {
    const { project, env } = place(workflow);
    writeFileSync(join(project.root, "lock"), "1");
    const runs = [1, 2, 3].map(() => project.start(["run", "-q"], env).ended);
    for (const { exitCode, stderr } of await Promise.all(runs)) expect([exitCode, stderr]).toEqual([0, ""]);
    expect(project.loom(["run", "--stream"], env).stdout).toContain("deps│ kept");
  });

  test("that is damaged is a miss with a warning, and is saved anew", () => {
    const { project, env, store } = place(workflow);
    writeFileSync(join(project.root, "lock"), "1");
    project.loom(["run", "-q"], env);
    const [object = ""] = readdirSync(join(store, "objects"));
    writeFileSync(join(store, "objects", object), "damaged");
    const run = project.loom(["run", "--stream"], env);
    expect([run.exitCode, run.stdout]).toEqual([
      0,
      expect.stringMatching(/\nwarn +deps +cache_restore: [^]*deps│ anew/u) as string,
    ]);
    expect(project.loom(["run", "--stream"], env).stdout).toContain("deps│ kept");
  });
});

describe("--cache-diff", () => {
  const stale = (script: string): string => `make:
  stage: a
  cache: {paths: [kept], key: fixed}
  artifacts: {paths: [out]}
  script: [${JSON.stringify(script)}]
`;

  test("finds a cache that changes what comes out, and puts it under quarantine until it is saved anew", () => {
    const { project, env } = place(
      stale("mkdir -p kept out; [ -f kept/version ] || cp version kept/version; cp kept/version out/"),
    );
    writeFileSync(join(project.root, "version"), "1");
    expect(project.loom(["run", "-q"], env).exitCode).toBe(0);
    writeFileSync(join(project.root, "version"), "2");
    const diff = project.loom(["run", "-q", "--cache-diff"], env);
    expect([diff.exitCode, diff.stderr]).toEqual([
      1,
      "loom: with caches, make: out/version differs\nloom: under quarantine until they are saved again: fixed (make)\n",
    ]);
    const out = (): string =>
      readFileSync(join(project.lastRun().directory, "jobs/make/artifacts/out/version"), "utf8");
    expect(out()).toBe("1");
    expect(project.loom(["run", "-q"], env).exitCode).toBe(0);
    expect(out()).toBe("2");
    expect(project.loom(["run", "-q", "--cache-diff"], env)).toMatchObject({
      exitCode: 0,
      stderr: "loom: caches change nothing: both runs ended alike\n",
    });
  });

  test("finds a job that succeeds only with what a cache kept", () => {
    const { project, env } = place(stale("mkdir -p kept; [ -f kept/tool ] || { cp tool kept/tool; }"));
    writeFileSync(join(project.root, "tool"), "");
    expect(project.loom(["run", "-q"], env).exitCode).toBe(0);
    rmSync(join(project.root, "tool"));
    expect(project.loom(["run", "-q", "--cache-diff"], env)).toMatchObject({
      exitCode: 1,
      stderr: expect.stringContaining("loom: with caches, make: success instead of failed\n") as string,
    });
  });

  test("says that there was nothing to compare, and does not go with --no-cache", () => {
    const { project, env } = place(stale("true"));
    expect(project.loom(["run", "-q", "--cache-diff"], env)).toMatchObject({
      exitCode: 0,
      stderr: "loom: nothing was compared: there was no cache to restore\n",
    });
    expect(project.loom(["run", "--cache-diff", "--no-cache"], env).exitCode).toBe(2);
  });
});

describe("artifacts", () => {
  test("are collected after the results that the job names, listed, and packed; whatever they are called", () => {
    const { project, env } = place(`fails:
  stage: a
  artifacts: {paths: [out], when: on_failure, exclude: ["**/*.log"]}
  script: ["mkdir -p out/jobs; echo '{' >out/summary.json; echo x >out/events.jsonl; touch out/a.log out/.summary.json.1.tmp; ln -s summary.json out/link; exit 1"]
works:
  stage: a
  artifacts: {paths: [out], when: on_failure}
  script: ["true"]
`);
    expect(project.loom(["run", "-q"], env).exitCode).toBe(1);
    const { directory, jobManifest } = project.lastRun();
    const files = jobManifest("fails").artifacts?.files.map(({ path, size }) => `${path} ${size}`);
    expect(files).toEqual(["out/.summary.json.1.tmp 0", "out/events.jsonl 2", "out/summary.json 2"]);
    expect(jobManifest("works").artifacts).toBeUndefined();
    expect(existsSync(join(directory, "jobs/fails/artifacts.tar.gz"))).toBe(true);
    expect(project.verdict()).toBe("valid");
    expect(project.loom(["explain"]).exitCode).toBe(0);
  });

  test("are there for the jobs of later stages, which share the snapshot", () => {
    const { project, env } =
      place(`build: {stage: a, artifacts: {paths: [out]}, script: ["mkdir out; echo made >out/file"]}
use: {stage: b, script: ["cat out/file"]}
`);
    expect(project.loom(["run", "--stream"], env).stdout).toContain("use  │ made");
  });
});

describe("a loom that is killed", () => {
  const workflow = `job:
  stage: a
  cache: {paths: [data], key: data}
  artifacts: {paths: [data]}
  script: ["[ -d data ] || { mkdir data; head -c 60000000 /dev/urandom >data/file; ln -s file data/link; }"]
`;

  test.each(["job.cache_restore", "job.artifact_save", "job.cache_save"])(
    "while %s goes on leaves nothing half, and the next run is right",
    async (phase) => {
      const { project, env, store } = place(workflow);
      if (phase === "job.cache_restore") expect(project.loom(["run", "-q"], env).exitCode).toBe(0);
      const run = project.start(["run", "--json"], env);
      await run.said(`"phase_code":"${phase}"`);
      run.process.kill("SIGKILL");
      await run.ended;
      const recovered = project.loom(["recover", "last"]);
      expect([recovered.exitCode, recovered.stderr]).toEqual([0, ""]);
      expect(project.verdict()).toBe("valid");
      expect(halfDone(project.lastRun().directory)).toEqual([]);
      expect(project.loom(["run", "-q"], env)).toMatchObject({ exitCode: 0, stderr: "" });
      expect(project.verdict()).toBe("valid");
      expect(project.lastRun().jobManifest("job").artifacts?.files).toMatchObject([
        { path: "data/file", size: 60_000_000 },
      ]);
      expect(readdirSync(join(store, "entries")).length).toBe(1);
    },
  );
});
