import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { folderOf, makeProject, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [build, check, end]
compile: {stage: build, script: ["true"]}
docs: {stage: build, script: ["true"]}
link: {stage: build, needs: [compile], script: ["true"]}
unit: {stage: check, needs: [link], script: ["sleep 0.3"]}
lint: {stage: check, script: ["true"], allow_failure: true, workspace: own}
tell: {stage: end, when: on_failure, script: ["true"]}
clean: {stage: end, when: always, script: ["true"]}
`;

interface Plan {
  readonly order: readonly string[];
  readonly jobs: readonly Readonly<Record<string, unknown>>[];
  readonly [key: string]: unknown;
}

function plan(
  project: Project,
  args: readonly string[] = [],
  env: Readonly<Record<string, string>> = {},
): Plan {
  const { exitCode, stdout, stderr } = project.loom(["run", "--dry-run", "--json", ...args], env);
  expect([exitCode, stderr]).toEqual([0, ""]);
  return JSON.parse(stdout) as Plan;
}

/** The jobs in the order in which the last run started them. */
function starts(project: Project): string[] {
  return project
    .lastRun()
    .events("pipeline/events.jsonl")
    .flatMap((event) => (event.event === "job_state" && event.to === "running" ? [event.job_id] : []));
}

/** Everything in a folder. */
function contents(root: string): string[] {
  return readdirSync(root, { recursive: true, encoding: "utf8" }).toSorted();
}

describe("loom run --dry-run", () => {
  test("tells the order of starts, gates, places and times, and writes nothing", () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { env, cache } = snapshots();
    const before = contents(project.root);
    const { exitCode, stdout, stderr } = project.loom(["run", "--dry-run", "-j", "2"], env);
    expect([exitCode, stderr]).toEqual([0, ""]);
    expect(stdout).toMatchInlineSnapshot(`
      ".loom/workflow.yml  nothing is run, jobs work in a snapshot

      build
        1 compile  (host; shared workspace; time unknown; critical)
        2 docs  (host; shared workspace; time unknown)
        3 link  (needs compile; host; shared workspace; time unknown; critical)
      check, after build
        4 unit  (needs link; host; shared workspace; time unknown; critical)
        5 lint  (may fail; host; own workspace; time unknown)
      end, after check
        - tell  (only on failure; host; shared workspace; time unknown)
        6 clean  (always; host; shared workspace; time unknown; critical)

      order: compile, docs, link, unit, lint, clean
      critical path: compile → link → unit → clean
      at once: 2 of 2 slots
      estimate: unknown, no duration is known from an earlier run
      "
    `);
    expect(contents(project.root)).toEqual(before);
    expect(contents(cache).filter((path) => path.includes("workspaces"))).toEqual([]);
  });

  test("names the jobs in the order in which a run starts them, before and after it knows how long they take", () => {
    const project = makeProject({ workflow: WORKFLOW });
    for (let run = 1; run <= 2; run += 1) {
      const { order } = plan(project, ["-j", "1"]);
      expect(project.loom(["run", "-q", "-j", "1"]).exitCode).toBe(0);
      expect(starts(project)).toEqual(order);
    }
    const { order } = plan(project, ["-j", "1"]);
    project.loom(["run", "-q", "-j", "1"]);
    expect(starts(project)).toEqual(order);
  });

  test("estimates by the runs before, with the slots that there are", () => {
    const project = makeProject({ workflow: WORKFLOW });
    const unknown = plan(project);
    expect(unknown["estimate"]).toBeUndefined();
    expect(unknown.jobs.filter((job) => "expected_ms" in job)).toEqual([]);
    project.loom(["run", "-q"]);
    project.loom(["run", "-q"]);
    const { estimate, critical_path: path, jobs } = plan(project, ["-j", "1"]);
    expect(path).toEqual(expect.arrayContaining(["unit", "clean"]));
    const unit = jobs.find((job) => job["job_id"] === "unit");
    expect(unit?.["expected_ms"]).toBeGreaterThanOrEqual(300);
    const {
      duration_ms: all,
      unlimited_ms: least,
      guessed_jobs: guessed,
    } = estimate as Record<string, number>;
    expect(guessed).toBe(0);
    expect(all).toBeGreaterThanOrEqual(least ?? Infinity);
    const text = project.loom(["run", "--dry-run", "-j", "1"]).stdout;
    expect(text).toMatch(/^estimate: .* with 1 slot, .* without a limit$/mu);
  });

  test("--json is one object of the contract", () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { jobs, ...rest } = plan(project, ["-j", "2", "--no-cache", "--fail-fast"]);
    expect(rest).toEqual({
      schema_version: "v1",
      kind: "loom-plan",
      repo_root: project.root,
      workflow_path: join(project.root, ".loom/workflow.yml"),
      runs: true,
      workspace: "in_place",
      caches: false,
      fail_fast: true,
      concurrency: 2,
      busiest_slots: 2,
      order: ["compile", "docs", "link", "unit", "lint", "clean"],
      critical_path: ["compile", "link", "unit", "clean"],
      stages: ["build", "check", "end"],
      warnings: [],
      notes: [],
    });
    const usual = {
      needs: [],
      when: "on_success",
      allow_failure: false,
      selected: true,
      runs: true,
      provider: "host",
      workspace: "shared",
    };
    const check = { ...usual, stage: "check", after_stages: ["build"] };
    expect(jobs.slice(2, 6)).toEqual([
      { ...usual, job_id: "link", stage: "build", after_stages: [], needs: ["compile"] },
      { ...check, job_id: "unit", needs: ["link"] },
      { ...check, job_id: "lint", allow_failure: true, workspace: "own" },
      {
        ...usual,
        job_id: "tell",
        stage: "end",
        after_stages: ["build", "check"],
        when: "on_failure",
        runs: false,
        skip_reason: "condition_not_met",
      },
    ]);
  });

  test("--job leaves out what the jobs do not need, and says so", () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { order, jobs } = plan(project, ["--job", "unit"]);
    expect(order).toEqual(["compile", "link", "unit"]);
    const docs = jobs.find((job) => job["job_id"] === "docs");
    expect(docs).toMatchObject({ selected: false, runs: false, skip_reason: "not_selected" });
    expect(project.loom(["run", "--dry-run", "--job", "unit"]).stdout).toContain(
      "- docs  (left out by --job; host;",
    );
    const unknown = project.loom(["run", "--dry-run", "--job", "unti"]);
    expect([unknown.exitCode, unknown.stdout, unknown.stderr]).toEqual([
      2,
      "",
      project.loom(["run", "--job", "unti"]).stderr,
    ]);
  });

  test("decides workflow.rules as a run does", () => {
    const project = makeProject({
      workflow: `version: v1\nstages: [a]\nworkflow: {rules: [{if: '$GO == "yes"'}]}\nj: {stage: a, script: ["true"]}\n`,
    });
    const { exitCode, stdout, stderr } = project.loom(["run", "--dry-run"]);
    expect([exitCode, stderr]).toEqual([
      0,
      "loom: The pipeline does not run: no rule of the workflow lets it, as $GO is not set\n",
    ]);
    expect(stdout).toContain("- j  (left out by workflow.rules;");
    expect(plan(project)).toMatchObject({ runs: false, order: [], busiest_slots: 0, critical_path: [] });
    expect(plan(project, ["--var", "GO=yes"])).toMatchObject({ runs: true, order: ["j"], notes: [] });
  });

  test("fails for a workflow that could not be run, as loom check tells it, and warns as that does", () => {
    const project = makeProject({ workflow: "version: v1\nstages: [a]\nj: {stage: b, script: [x]}\n" });
    const { exitCode, stdout, stderr } = project.loom(["run", "--dry-run"]);
    expect([exitCode, stdout]).toEqual([1, ""]);
    expect(existsSync(join(project.root, ".loom/.runtime"))).toBe(false);
    const checked = project.loom(["check"]).stderr.split("\nreceipt:")[0];
    expect(stderr).toBe(`loom: ${checked}\n`);

    writeFileSync(
      join(project.root, ".loom/workflow.yml"),
      "version: v1\nstages: [a]\nj: {stage: a, script: [x], services: [redis]}\n",
    );
    const warned = project.loom(["run", "--dry-run"]);
    expect(warned.exitCode).toBe(0);
    expect(warned.stderr).toBe(`${project.loom(["check"]).stderr.split("\nreceipt:")[0]}\n`);
    expect(warned.stdout).toContain(
      "1 j  (fails: nothing here has services, which only a job with an image can reach;",
    );
  });

  test("--staged reads the workflow and what it includes as they are staged", () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { env } = snapshots();
    const outside = project.loom(["run", "--dry-run", "--staged"], env);
    expect([outside.exitCode, outside.stderr]).toEqual([
      1,
      expect.stringContaining("it is not in a git repository"),
    ]);
    const git = (...args: string[]): void => {
      expect(spawnSync("git", args, { cwd: project.root }).status).toBe(0);
    };
    const workflow = join(project.root, ".loom/workflow.yml");
    git("init", "-q");
    expect(plan(project, ["--staged"], env)["notes"]).toEqual([
      'The workflow ".loom/workflow.yml" is not staged: the one in the checkout is used',
    ]);
    mkdirSync(join(project.root, ".loom/templates"));
    writeFileSync(join(project.root, ".loom/templates/more.yml"), 'extra: {stage: a, script: ["true"]}\n');
    writeFileSync(
      workflow,
      'version: v1\nstages: [a]\ninclude: [{local: .loom/templates/more.yml}]\nj: {stage: a, script: ["true"]}\n',
    );
    git("add", ".");
    rmSync(join(project.root, ".loom/templates"), { recursive: true });
    writeFileSync(workflow, "broken");
    expect(plan(project, ["--staged"], env)).toMatchObject({ workspace: "staged", order: ["extra", "j"] });
  });

  test("refuses what contradicts it, and says what a run says where there is nothing to run", () => {
    const project = makeProject({ folder: folderOf(import.meta.url) });
    for (const flag of ["--stream", "--cache-diff", "--explain-output", "--tui", "--watch"]) {
      const { exitCode, stderr } = project.loom(["run", "--dry-run", flag]);
      expect([exitCode, stderr]).toEqual([
        2,
        `loom: Cannot combine --dry-run and ${flag}. Leave out one of them\n`,
      ]);
    }
    const none = project.loom(["run", "--dry-run", "--workflow", "no.yml"]);
    expect([none.exitCode, none.stderr]).toEqual([
      2,
      'loom: Cannot read workflow "no.yml": there is no such file\n',
    ]);
  });
});
