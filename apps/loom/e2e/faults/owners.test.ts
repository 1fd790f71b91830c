import { spawnSync } from "node:child_process";
import { cpSync, existsSync, mkdirSync, readdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { LOOM, makeProject, type Project, type Running } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a]
j: {stage: a, script: ["echo up; sleep 300"]}
`;

const isRoot = process.getuid?.() === 0;
const onLinux = process.platform === "linux";

/** A run under way, and where it leaves its evidence. */
async function startRun(
  project: Project,
): Promise<{ run: Running; runId: string; directory: string; claim: string }> {
  const run = project.start(["run", "--stream"]);
  await run.said("up");
  const logs = join(project.root, ".loom/.runtime/logs");
  const runId = readdirSync(logs).at(-1) ?? "";
  return {
    run,
    runId,
    directory: join(logs, runId),
    claim: join(project.root, ".loom/.runtime/active", `${runId}.json`),
  };
}

async function killedRun(project: Project): Promise<Awaited<ReturnType<typeof startRun>>> {
  const started = await startRun(project);
  started.run.process.kill("SIGKILL");
  await started.run.ended;
  return started;
}

/** Changes what is noted about who runs a run. */
function rewrite(claim: string, change: object): void {
  writeFileSync(claim, JSON.stringify({ ...(JSON.parse(readFileSync(claim, "utf8")) as object), ...change }));
}

describe("a run whose loom is gone", () => {
  test("is closed after the machine was started anew", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { claim } = await killedRun(project);
    // What a reboot does: another boot, in which the number may be somebody else's.
    rewrite(claim, { machine: "11111111-0000", pid: process.pid, started: "1" });
    expect(project.loom(["recover", "last"])).toMatchObject({ exitCode: 0 });
    expect(project.verdict()).toBe("valid");
    expect(existsSync(claim)).toBe(false);
  });

  test("of which another machine knows is left alone, until a person says that it is over", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { claim, runId } = await killedRun(project);
    rewrite(claim, { host: "another machine" });
    const refused = project.loom(["recover", "last"]);
    expect([refused.exitCode, refused.stderr]).toEqual([
      1,
      expect.stringMatching(
        /^loom: Cannot tell whether run ".*" is still running: process \d+ cannot be seen from here .* loom recover --force loom-run-local-\d+\n$/u,
      ) as string,
    ]);
    expect(project.loom(["run", "-q", "--workflow", "missing.yml"]).stderr).not.toMatch(/interrupted/u);
    expect(existsSync(claim)).toBe(true);
    expect(project.loom(["recover", "--force", runId])).toMatchObject({ exitCode: 0 });
    expect(project.verdict()).toBe("valid");
  });

  test("and whose evidence was removed is forgotten without a word", async () => {
    const project = makeProject({ workflow: WORKFLOW.replace("sleep 300", "sleep $T") });
    const { directory, claim } = await killedRun(project);
    rmSync(directory, { recursive: true });
    expect(project.loom(["run", "-q", "--var", "T=0"]).stderr).toBe("");
    expect(existsSync(claim)).toBe(false);
  });
});

describe("a run that ended well and was killed right after", () => {
  test("is never called interrupted", () => {
    const project = makeProject({ workflow: WORKFLOW.replace("sleep 300", "true") });
    project.loom(["run", "-q"]);
    const { directory } = project.lastRun();
    const runId = directory.slice(directory.lastIndexOf("/") + 1);
    const claim = join(project.root, ".loom/.runtime/active", `${runId}.json`);
    writeFileSync(
      claim,
      JSON.stringify({ pid: 1, started: "1", host: "", machine: "", numbering: "", clock: "" }),
    );
    expect(project.loom(["run", "-q"]).stderr).toBe("");
    expect(existsSync(claim)).toBe(false);
  });
});

describe("a run that goes on", () => {
  test("is not harmed by the recovery of a copy of its evidence", async () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { run, directory } = await startRun(project);
    const copy = join(project.root, "backup/copies/copy");
    mkdirSync(join(copy, ".."), { recursive: true });
    cpSync(directory, copy, { recursive: true });
    expect(project.loom(["recover", copy]).exitCode).toBe(0);
    expect(project.loom(["verify", copy]).exitCode).toBe(0);
    expect(readdirSync(join(project.root, "backup"))).toEqual(["copies"]);
    expect(readdirSync(copy).filter((name) => name.startsWith("."))).toEqual([]);
    run.process.kill("SIGINT");
    expect((await run.ended).exitCode).toBe(130);
    expect(project.verdict()).toBe("valid");
  });

  test.runIf(onLinux && isRoot).each([
    ["another time namespace", ["unshare", "-T", "--boottime", "1000"]],
    ["another PID namespace", ["unshare", "-pf", "--mount-proc"]],
    ["a place without /proc", ["unshare", "-m", "sh", "-c", 'umount -l /proc && exec "$@"', "sh"]],
  ])("is not taken for dead from %s (needs root)", async (_name, [program = "", ...args]) => {
    const project = makeProject({ workflow: WORKFLOW });
    const { run, directory } = await startRun(project);
    for (const command of [
      ["recover", "last"],
      ["run", "-q", "--job", "none"],
    ]) {
      spawnSync(program, [...args, process.execPath, LOOM, ...command], {
        cwd: project.root,
        timeout: 20_000,
      });
    }
    expect(existsSync(join(directory, "summary.json"))).toBe(false);
    run.process.kill("SIGINT");
    expect((await run.ended).exitCode).toBe(130);
    expect(project.verdict()).toBe("valid");
  });

  test.runIf(onLinux && isRoot)(
    "closes by itself without /proc, with evidence that is whole (needs root)",
    () => {
      const project = makeProject({ workflow: WORKFLOW.replace("sleep 300", "true") });
      const { stderr, status } = spawnSync(
        "unshare",
        ["-m", "sh", "-c", 'umount -l /proc && exec "$@"', "sh", process.execPath, LOOM, "run", "-q"],
        { cwd: project.root, encoding: "utf8", timeout: 20_000 },
      );
      expect([status, stderr]).toEqual([0, ""]);
      expect(project.verdict()).toBe("valid");
    },
  );
});

describe.runIf(isRoot)("a disk that fills up while a run goes on (needs root, for a small tmpfs)", () => {
  test("leaves a run that is completed once there is space again", () => {
    const project = makeProject({
      workflow: `version: v1
stages: [a]
j: {stage: a, script: ["i=0; while [ $i -lt 60000 ]; do i=$((i+1)); echo 0123456789012345678901234567890123456789 $i; done"]}
`,
    });
    const runtime = join(project.root, ".loom/.runtime");
    mkdirSync(runtime, { mode: 0o700 });
    const mount = (...args: string[]): void => void spawnSync("mount", args);
    mount("-t", "tmpfs", "-o", "size=2m,mode=700", "loom-test", runtime);
    onTestFinished(() => void spawnSync("umount", ["-l", runtime]));
    const full = project.loom(["run"]);
    expect(full.exitCode).toBe(1);
    expect(full.stdout + full.stderr).toMatch(/no space left on device \(ENOSPC\)/u);
    for (const [, path = ""] of full.stdout.matchAll(
      /^(?:receipt|summary|manifest|job|events|logs): +(\S+)$/gmu,
    )) {
      expect({ path, there: existsSync(join(path.startsWith("/") ? "" : project.root, path)) }).toEqual({
        path,
        there: true,
      });
    }
    mount("-o", "remount,size=40m", runtime);
    expect(project.loom(["recover", "last"])).toMatchObject({ exitCode: 0 });
    expect(project.lastRun().receipt).toMatchObject({ status: "failure", exit_code: 1 });
    expect(project.lastRun().pipelineSummary).toMatchObject({ status: "failure" });
    expect(project.verdict()).toBe("valid");
  });
});
