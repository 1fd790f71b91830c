import { execFileSync } from "node:child_process";
import { readFileSync, rmSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import type { Explanation } from "@loom/diagnosis";
import { makeProject, type Project } from "../project.ts";

/** Explains the last run of a project, as a program reads it. */
function explained(project: Project, ...args: readonly string[]): Explanation {
  const { exitCode, stdout } = project.loom(["explain", "--json", ...args]);
  expect(exitCode).toBe(0);
  expect(Buffer.byteLength(stdout)).toBeLessThan(4096);
  return JSON.parse(stdout) as Explanation;
}

function failed(script: readonly string[], more = ""): Project {
  const steps = script.map((step) => JSON.stringify(step)).join(", ");
  const project = makeProject({
    workflow: `version: v1\nstages: [a]\nunit: {stage: a, script: [${steps}]${more}}\n`,
  });
  expect(project.loom(["run", "-q"]).exitCode).toBe(1);
  return project;
}

describe("loom explain", () => {
  test("takes what came before Loom's own stop for the evidence, and what came after it for teardown", () => {
    const project = failed(
      ["trap 'echo error: teardown failed >&2; exit 3' TERM; echo '#04 at this point'; sleep 30 & wait"],
      ", timeout: 1s",
    );
    const { failure, errors, lines, lines_total: total } = explained(project);
    expect(failure?.meaning?.code).toBe("timeout");
    expect(errors).toEqual([]);
    expect(lines).toEqual(["#04 at this point"]);
    expect(total).toBe(2);
  });

  test("finds the error of a tool that 30,000 lines of other things follow, and says how much it read", () => {
    const project = failed(["echo 'a.c:2:10: error: no x' >&2; seq 1 30000; exit 1"]);
    const { errors, lines, lines_total: total, lines_read: read } = explained(project);
    expect(errors).toEqual([{ tool: "gcc", message: "no x", file: "a.c", line: 2, column: 10 }]);
    expect(lines).toEqual(["a.c:2:10: error: no x"]);
    expect(total).toBe(30_001);
    expect(read).toBeLessThan(total);
  });

  test("keeps the end in sight where nothing better is known than a line that calls itself an error", () => {
    const project = failed([
      "echo 'ERROR: refused, retrying'; seq 1 40; echo 'totals differ by 129.90'; exit 4",
    ]);
    const { lines } = explained(project);
    expect(lines[0]).toBe("ERROR: refused, retrying");
    expect(lines.at(-1)).toBe("totals differ by 129.90");
  });

  test("tells what every failed job failed at, and explains each of them when asked", () => {
    const project = makeProject({
      workflow: `version: v1
stages: [a]
fast: {stage: a, script: ["exit 3"]}
slow: {stage: a, script: ["sleep 0.2; echo 'src/x.c:1:2: error: bad'; exit 4"]}
`,
    });
    expect(project.loom(["run", "-q"]).exitCode).toBe(1);
    const cause = { tool: "gcc", message: "bad", file: "src/x.c", line: 1, column: 2 };
    const { other_failures: others, open, open_bytes: bytes } = explained(project);
    expect(others).toMatchObject([{ job_id: "slow", exit_code: 4, step: 1, error: cause }]);
    expect(bytes).toHaveLength(open.length);
    expect(Math.min(...bytes)).toBeGreaterThan(0);
    expect(project.loom(["explain"]).stdout).toMatch(
      /also failed:\n {2}slow › 01 .* \(exit 4\): src\/x\.c:1:2 bad/u,
    );

    const all = JSON.parse(project.loom(["explain", "--all", "--json"]).stdout) as object;
    expect(all).toMatchObject({
      schema_version: "v1",
      kind: "loom-failures",
      failures: [
        { job_id: "fast", fate: "ran", failure: { exit_code: 3 }, errors: [] },
        { job_id: "slow", failure: { exit_code: 4 }, errors: [cause], lines_total: 1, lines_read: 1 },
      ],
      failures_total: 2,
    });
    expect(project.loom(["explain", "--all"]).stdout).toMatch(/^"fast" started[^]*\n\n\n"slow" started/u);
    expect(project.loom(["explain", "--all", "--job", "slow"]).exitCode).toBe(2);
  });

  test("names the commits and files that changed since a job passed, and those that an error names", () => {
    const project = makeProject({
      workflow: 'version: v1\nstages: [a]\nunit: {stage: a, script: ["sh ./check.sh"]}\n',
    });
    const git = (...args: readonly string[]): void =>
      void execFileSync("git", ["-c", "user.name=a", "-c", "user.email=a@b", ...args], { cwd: project.root });
    const write = (file: string, text: string): void => writeFileSync(join(project.root, file), text);
    git("init", "-q");
    write(".gitignore", ".loom/.runtime\n");
    write("check.sh", "exit 0\n");
    git("add", "-A");
    git("commit", "-qm", "First");
    expect(project.loom(["run", "-q"]).exitCode).toBe(0);
    write("a.c", "int x\n");
    write("check.sh", "echo 'a.c:1:6: error: no'; exit 1\n");
    git("add", "-A");
    git("commit", "-qm", "Break it");
    write("new.c", "");
    expect(project.loom(["run", "-q"]).exitCode).toBe(1);
    const { changed } = explained(project);
    expect(changed).toMatchObject({
      commits: [{ subject: "Break it" }],
      commits_total: 1,
      files_total: 3,
      files_in_errors: ["a.c"],
    });
    expect(changed?.files.toSorted()).toEqual(["a.c", "check.sh", "new.c"]);
    expect(changed?.sentence).toContain("not committed: new.c");
  });

  test("says that a job was left out which ran before it when it passed", () => {
    const project = makeProject({
      workflow: `version: v1
stages: [install, test]
install: {stage: install, script: ["touch tool"]}
unit: {stage: test, script: ["test -e tool"]}
`,
    });
    expect(project.loom(["run", "-q"]).exitCode).toBe(0);
    rmSync(join(project.root, "tool"));
    expect(project.loom(["run", "-q", "--job", "unit"]).exitCode).toBe(1);
    const { changed } = explained(project);
    expect(changed?.left_out_jobs).toEqual(["install"]);
    expect(changed?.sentence).toContain("install ran before it then and did not run now");
  });

  test("tells of a stopped job its step, its last line and how long it was silent", async () => {
    const project = makeProject({
      workflow:
        'version: v1\nstages: [a]\nhang: {stage: a, script: ["echo one", "echo waiting for it; sleep 60"]}\n',
    });
    const run = project.start(["run", "--stream"]);
    await run.said("waiting for it");
    // What is printed is on the disk a moment later.
    await expect.poll(() => explained(project).running?.[0]?.last_line).toBe("waiting for it");
    const during = explained(project);
    expect(during.outcome).toBe("running");
    expect(during.running).toMatchObject([{ job_id: "hang", step: 2 }]);
    run.process.kill("SIGINT");
    await run.ended;
    const after = explained(project);
    expect(after.outcome).toBe("cancelled");
    expect(after.running).toMatchObject([
      { job_id: "hang", step: 2, command: "echo waiting for it; sleep 60", last_line: "waiting for it" },
    ]);
    expect(after.running?.[0]?.silent_ms).toBeGreaterThanOrEqual(0);
    expect(after.next[0]).toMatch(/^loom logs \S+ hang 2$/u);
    expect(project.loom(["explain", "hang"]).stdout).toMatch(
      /step 2: echo waiting[^]*last line.*: waiting for it/u,
    );
  });

  test("finds a run by its pipeline, by any document in it, as the last that failed, and by the name of a job", () => {
    const project = failed(["echo 'a.c:1:2: error: no'; exit 1"]);
    const { receipt, directory } = project.lastRun();
    const { run_id: id } = explained(project);
    for (const name of [
      "last-failed",
      id.replace("loom-run-local-", "loom-local-"),
      `${directory}/jobs/unit`,
    ])
      expect(explained(project, name).run_id).toBe(receipt.run_id);
    expect(project.loom(["explain", "unit"]).stdout).toContain("a.c:1:2");
    expect(project.loom(["logs", "unit"]).stdout).toBe("a.c:1:2: error: no\n");
    expect(project.loom(["logs", "unit", "1"]).stdout).toBe("a.c:1:2: error: no\n");
    for (const words of [
      ["unit", "x"],
      ["last", "unit", "0"],
      ["unit", "1", "1"],
    ]) {
      const { exitCode, stderr } = project.loom(["logs", ...words]);
      expect([exitCode, stderr]).toEqual([2, expect.stringContaining("the number of a step")]);
    }
  });

  test("keeps what a program said before it was killed", () => {
    const project = failed(["seq 1 30; echo loading table 3; kill -9 $$"]);
    const { failure, errors, lines } = explained(project);
    expect(failure?.meaning?.code).toBe("killed");
    expect(errors).toEqual([]);
    expect(lines).toContain("loading table 3");
  });
});

describe("the end of loom run", () => {
  test("shows what explain chooses, in a transcript and in JUnit's report, and names explain", () => {
    const project = makeProject({
      workflow: `version: v1
stages: [a]
unit: {stage: a, script: ["echo 'a.c:1:2: error: no'; seq 1 60; exit 1"]}
style: {stage: a, script: ["echo 'b.c:3:4: error: never'; seq 1 60; exit 1"], allow_failure: true}
`,
    });
    const { stdout } = project.loom(["run", "--reporter", "plain", "--reporter", "junit=report.xml"]);
    for (const line of ["a.c:1:2: error: no", "b.c:3:4: error: never"])
      expect(stdout).toContain(`\n  ${line}\n`);
    expect(stdout).not.toContain("\n  60\n");
    expect(stdout).toMatch(/\nexplain: {2}loom explain\nretry: {4}loom run --retry-failed\nreceipt: .*\n$/u);
    const junit = readFileSync(join(project.root, "report.xml"), "utf8");
    expect(junit).toContain("\na.c:1:2: error: no\n");
  });
});

describe("evidence that is lost or damaged", () => {
  const WORKFLOW = `version: v1
stages: [a]
unit: {stage: a, script: ["echo boom; exit 3"]}
`;
  const STREAM = "jobs/unit/user/execution/script/01/events.jsonl";

  function harmed(harm: (directory: string) => void): Project {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run", "-q"]);
    harm(project.lastRun().directory);
    return project;
  }

  /** Puts a named pipe, which nobody writes to, in the place of a file. */
  function pipeAt(path: string): void {
    rmSync(path);
    execFileSync("mkfifo", [path]);
  }

  test.each(["pipeline/manifest.json", "summary.json", "jobs/unit/manifest.json", STREAM])(
    "a named pipe in the place of %s keeps no reader waiting",
    (path) => {
      const project = harmed((directory) => pipeAt(join(directory, path)));
      expect(explained(project).notes.join()).toContain("it is not a regular file (EFTYPE)");
      for (const command of [["explain"], ["show"], ["runs"], ["logs"], ["logs", "unit"], ["verify", "last"]])
        expect([0, 1]).toContain(project.loom(command).exitCode);
    },
  );

  test("lines that are lost are named, by explain and by logs", () => {
    const project = harmed((directory) => writeFileSync(join(directory, STREAM), ""));
    expect(explained(project).notes).toEqual([`"${STREAM}" holds 0 of the 1 lines that its step printed`]);
    expect(project.loom(["logs", "unit"])).toMatchObject({
      exitCode: 1,
      stderr: "loom: Cannot read the log: its evidence says that 1 line was printed, and none is there\n",
    });
  });

  test("a run whose documents are damaged is known by its streams", () => {
    const project = harmed((directory) => {
      for (const path of ["summary.json", "pipeline/summary.json", "pipeline/manifest.json"])
        writeFileSync(join(directory, path), "{");
    });
    const { outcome, failure, lines } = explained(project);
    expect([outcome, failure?.job_id, lines]).toEqual(["failure", "unit", ["boom"]]);
    expect(project.loom(["show"]).stderr).toContain('"loom explain loom-run-local-');
  });

  test("without the manifest of a job, its stream is found where it always is", () => {
    const project = harmed((directory) => rmSync(join(directory, "jobs/unit/manifest.json")));
    const { failure, lines, open, open_bytes: bytes } = explained(project);
    expect([failure?.step, failure?.exit_code, lines, open[0]]).toEqual([1, 3, ["boom"], STREAM]);
    expect(Math.min(...bytes)).toBeGreaterThan(0);
  });
});
