import { spawnSync } from "node:child_process";
import { existsSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject, processesOf, snapshots, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a]
one: {stage: a, script: ["echo up; sleep $T"]}
`;

const QUICK = ["run", "-q", "--var", "T=0"];

const SIZE = /[\d.]+ (?:bytes|kB|MB) free/gu;

/** What a project has of a folder of its evidence, sorted. */
function left(project: Project, folder: string): string[] {
  return readdirSync(join(project.root, ".loom/.runtime", folder)).toSorted();
}

/** A run under way, and the id of it. */
async function startedRun(
  project: Project,
  env: Record<string, string> = {},
): Promise<{ runId: string; process: ReturnType<Project["start"]>["process"]; end: () => Promise<void> }> {
  const run = project.start(["run", "--stream", "--var", "T=300"], env);
  await run.said("up");
  const end = async (): Promise<void> => {
    run.process.kill("SIGTERM");
    await run.ended;
  };
  return { runId: left(project, "logs").at(-1) ?? "", process: run.process, end };
}

describe("loom clean", () => {
  test("removes the snapshots of this repository, and with --all those of all; evidence stays", () => {
    const { env, cache } = snapshots();
    const [one, two] = [makeProject({ workflow: WORKFLOW }), makeProject({ workflow: WORKFLOW })];
    for (const project of [one, one, two]) expect(project.loom(QUICK, env).exitCode).toBe(0);
    const { exitCode, stdout, stderr } = one.loom(["clean"], env);
    expect([exitCode, stdout.replace(SIZE, "SIZE"), stderr]).toEqual([0, "removed  2 snapshots, SIZE\n", ""]);
    expect(left(one, "logs").length).toBe(2);
    const kept = two.lastRun().receipt.snapshot_path ?? "";
    expect(existsSync(kept)).toBe(true);
    expect(one.loom(["clean"], env).stdout).toBe("removed  0 snapshots, 0 bytes free\n");
    expect(JSON.parse(one.loom(["clean", "--all", "--json"], env).stdout)).toEqual({
      schema_version: "v1",
      kind: "loom-clean",
      snapshots: { removed: [kept], in_use: [], freed_bytes: expect.any(Number) as number },
      failed: [],
    });
    expect(readdirSync(join(cache, "loom/workspaces"))).toEqual([]);
  });

  test("names the snapshot that a run works in, and leaves it and the run alone", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { env } = snapshots();
    project.loom(QUICK, env);
    const { runId, end } = await startedRun(project, env);
    const snapshot = join(dirname(project.lastRun().receipt.snapshot_path ?? ""), runId);
    const { exitCode, stdout } = project.loom(["clean", "--runs", "--all"], env);
    expect([exitCode, stdout.replace(SIZE, "SIZE")]).toEqual([
      0,
      "removed  1 run, SIZE\nremoved  0 receipts of loom check, SIZE\n" +
        `kept     ${runId}: it is still running\nremoved  1 snapshot, SIZE\nkept     ${snapshot}: a run works in it\n`,
    ]);
    await end();
    expect(project.verdict()).toBe("valid");
  });
});

describe("loom clean --runs", () => {
  test("removes runs and receipts of checks, all or what --keep and --older give up", () => {
    const project = makeProject({ workflow: WORKFLOW });
    for (const args of [QUICK, ["check"], QUICK, QUICK, ["check"]]) project.loom(args);
    const runs = left(project, "logs");
    expect(project.loom(["clean", "--runs", "--older", "30d"]).exitCode).toBe(0);
    expect(left(project, "logs")).toEqual(runs);
    expect(project.loom(["clean", "--runs", "--older", "1d12h", "--keep", "1"]).exitCode).toBe(0);
    expect(left(project, "logs")).toEqual(runs);
    const { stdout } = project.loom(["clean", "--runs", "--keep", "1", "--older", "0s"]);
    expect(stdout.replace(SIZE, "SIZE")).toBe(
      "removed  2 runs, SIZE\nremoved  1 receipt of loom check, SIZE\n",
    );
    expect(left(project, "logs")).toEqual(runs.slice(-1));
    expect(left(project, "receipts").length).toBe(2);
    const data = JSON.parse(project.loom(["clean", "--runs", "--json"]).stdout) as object;
    expect(data).toEqual({
      schema_version: "v1",
      kind: "loom-clean",
      runs: { removed: runs.slice(-1), in_use: [], freed_bytes: expect.any(Number) as number },
      check_receipts: {
        removed: [expect.stringMatching(/^loom-check-\d+\.json$/u) as string],
        freed_bytes: expect.any(Number) as number,
      },
      failed: [],
    });
    expect([left(project, "logs"), left(project, "receipts"), left(project, "active")]).toEqual([[], [], []]);
    expect(project.loom(["runs"]).stderr).toBe("loom: There are no runs here yet; loom run makes one\n");
  });

  test("removes a run whose loom was killed with its claim, and leaves one of which nothing can be told", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const killed = await startedRun(project);
    const foreign = await startedRun(project);
    for (const { process, end } of [killed, foreign]) {
      process.kill("SIGKILL");
      await end();
    }
    const claim = join(project.root, ".loom/.runtime/active", `${foreign.runId}.json`);
    const note = JSON.parse(readFileSync(claim, "utf8")) as object;
    writeFileSync(claim, JSON.stringify({ ...note, host: "another machine" }));
    const { exitCode, stdout } = project.loom(["clean", "--runs"]);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringContaining(
        `kept     ${foreign.runId}: loom cannot tell whether it is still running; loom recover closes it\n`,
      ) as string,
    ]);
    expect(left(project, "logs")).toEqual([foreign.runId]);
    expect(left(project, "active").filter((name) => name.startsWith(killed.runId))).toEqual([]);
    expect(processesOf(killed.runId)).toEqual([]);
    expect(project.loom(["recover", "--force", foreign.runId]).exitCode).toBe(0);
    project.loom(["clean", "--runs"]);
    expect(left(project, "logs")).toEqual([]);
  });

  test("removes nothing where evidence would lead elsewhere", () => {
    const [project, other] = [makeProject({ workflow: WORKFLOW }), makeProject({ workflow: WORKFLOW })];
    other.loom(QUICK);
    symlinkSync(join(other.root, ".loom/.runtime"), join(project.root, ".loom/.runtime"));
    const { exitCode, stderr } = project.loom(["clean", "--runs"]);
    expect([exitCode, stderr]).toEqual([1, expect.stringContaining("it is a symbolic link") as string]);
    expect(left(other, "logs").length).toBe(1);
  });

  test("keeps to the nearest project, also where that one has no run yet", () => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(QUICK);
    const inner = join(project.root, "inner");
    mkdirSync(join(inner, ".loom"), { recursive: true });
    writeFileSync(join(inner, ".loom/workflow.yml"), WORKFLOW);
    const clean = { cwd: inner, encoding: "utf8" } as const;
    const { status, stdout } = spawnSync(process.execPath, [LOOM, "clean", "--runs"], clean);
    expect([status, stdout]).toEqual([0, expect.stringContaining("removed  0 runs") as string]);
    expect(left(project, "logs").length).toBe(1);
  });

  test.each([
    [["--keep", "2"], "loom: Cannot use --keep without --runs: it selects runs\n"],
    [["--older", "30d"], "loom: Cannot use --older without --runs: it selects runs\n"],
    [["--runs", "--keep", "0"], /Give a whole number of at least 1\.\n$/u],
    [["--runs", "--older", "soon"], /Give a duration such as 30d, 12h or 1d12h\.\n$/u],
    [["--runs", "--older", "1h2d"], /Give a duration such as 30d, 12h or 1d12h\.\n$/u],
    [["--runs", "--older", "30"], /Give a duration such as 30d, 12h or 1d12h\.\n$/u],
  ])("refuses %j with a sentence", (flags, sentence) => {
    const project = makeProject({ workflow: WORKFLOW });
    const { exitCode, stdout, stderr } = project.loom(["clean", ...flags]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    if (typeof sentence === "string") expect(stderr).toBe(sentence);
    else expect(stderr).toMatch(sentence);
  });
});
