import { spawnSync } from "node:child_process";
import {
  appendFileSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import type { Receipt } from "@loom/artifacts";
import { describe, expect, onTestFinished, test } from "vitest";
import { LOOM, makeProject, processesOf, snapshots, type Project, type Running } from "../project.ts";
import { hasTmux, pause, TmuxTerminal } from "../terminal/tmux-terminal.ts";

const WAITING = "loom: waiting for changes in this folder; Ctrl-C ends\n";

/** A job that waits for as long as there is a file, and fails while there is another one. */
const WORKFLOW = `version: v1
stages: [a]
j: {stage: a, script: ["echo up; while [ -e wait ]; do sleep 0.05; done; test ! -e fail"]}
`;

interface Watching {
  readonly project: Project;
  readonly run: Running;
  readonly write: (path: string, text?: string) => void;
}

/** Starts a watch over a repository with some files, and waits for the end of the first run. */
async function watching({
  args = [],
  files = {},
  workflow = WORKFLOW,
  env = snapshots().env,
  repository = true,
}: {
  readonly args?: readonly string[];
  readonly files?: Readonly<Record<string, string>>;
  readonly workflow?: string;
  readonly env?: Readonly<Record<string, string>>;
  readonly repository?: boolean;
} = {}): Promise<Watching> {
  const project = makeProject({ workflow });
  const write = (path: string, text = ""): void => {
    mkdirSync(join(project.root, path, ".."), { recursive: true });
    writeFileSync(join(project.root, path), text);
  };
  for (const [path, text] of Object.entries(files)) write(path, text);
  if (repository) spawnSync("git", ["init", "-q"], { cwd: project.root });
  const run = project.start(["run", "--watch", "--stream", ...args], env);
  onTestFinished(() => void run.process.kill("SIGKILL"));
  if (!("wait" in files)) await run.warned(WAITING);
  return { project, run, write };
}

/** The receipts of all runs, the first run first. */
function receipts({ root }: Project): Receipt[] {
  const folder = join(root, ".loom/.runtime/receipts");
  return readdirSync(folder)
    .filter((name) => name.startsWith("loom-run-local-"))
    .toSorted()
    .map((name) => JSON.parse(readFileSync(join(folder, name), "utf8")) as Receipt);
}

/** Ends the watch as Ctrl-C does; nothing of it is left. */
async function end({ project, run }: Watching): Promise<{ exitCode: number | null; stderr: string }> {
  run.process.kill("SIGINT");
  const { exitCode, stderr } = await run.ended;
  for (const { run_id: id } of receipts(project)) {
    expect(processesOf(id)).toEqual([]);
    expect(project.verdict(id)).toBe("valid");
  }
  const active = join(project.root, ".loom/.runtime/active");
  expect(existsSync(active) ? readdirSync(active) : []).toEqual([]);
  return { exitCode, stderr };
}

describe("loom run --watch", () => {
  test("runs again when files change, names three of them, and ends with the exit code of the last run", async () => {
    const watch = await watching({ files: { "src/a.txt": "1" } });
    watch.write("src/a.txt", "2");
    await watch.run.warned(WAITING, 2);
    for (const name of ["fail", "one", "new/deep/two", "three"]) watch.write(name);
    await watch.run.warned(WAITING, 3);
    const { exitCode, stderr } = await end(watch);
    expect(exitCode).toBe(1);
    expect(stderr).toContain("loom: src/a.txt changed: running again\n");
    expect(stderr).toMatch(/\nloom: \S+, \S+, \S+ and 1 more changed: running again\n/u);
    expect(receipts(watch.project).map(({ status }) => status)).toEqual(["success", "success", "failure"]);
  });

  test("does not run for what git ignores, for git itself, or for what loom writes", async () => {
    const watch = await watching({
      files: { ".gitignore": "ignored\n*.log\n!kept.log\n", "ignored/deep/a": "", "sub/.gitignore": "b\n" },
    });
    const { root } = watch.project;
    for (const path of ["ignored/deep/a", "ignored/new/b", "x.log", "sub/b", ".loom/.runtime/x"])
      watch.write(path, "2");
    spawnSync("git", ["add", "."], { cwd: root });
    expect(watch.project.loom(["check"]).exitCode).toBe(0);
    rmSync(join(root, "x.log"));
    // Changes are seen in order: this one comes last.
    watch.write("kept.log");
    await watch.run.warned(WAITING, 2);
    const { exitCode, stderr } = await end(watch);
    expect([exitCode, receipts(watch.project).length]).toEqual([0, 2]);
    expect(stderr).toBe(`${WAITING}loom: kept.log changed: running again\n${WAITING}`);
  });

  test("a change during a run cancels it, and the next one is about what is there then", async () => {
    const watch = await watching({ files: { wait: "" } });
    await watch.run.said("│ up");
    rmSync(join(watch.project.root, "wait"));
    await watch.run.warned(WAITING);
    const { exitCode, stderr } = await end(watch);
    expect([exitCode, stderr]).toEqual([0, `loom: wait changed: running again\n${WAITING}`]);
    expect(receipts(watch.project).map(({ status, exit_code }) => [status, exit_code])).toEqual([
      ["cancelled", 130],
      ["success", 0],
    ]);
  });

  test("SIGINT during a run ends that and the watch", async () => {
    const watch = await watching({ files: { wait: "" } });
    await watch.run.said("│ up");
    const { exitCode, stderr } = await end(watch);
    expect([exitCode, stderr]).toEqual([130, ""]);
    expect(receipts(watch.project).map(({ status }) => status)).toEqual(["cancelled"]);
  });

  test("in place, what changes while jobs run does not count", async () => {
    const watch = await watching({
      env: {},
      workflow: `version: v1\nstages: [a]\nj: {stage: a, script: ["date +%N >made.txt; mkdir -p made; date +%N >made/more.txt"]}\n`,
    });
    watch.write("a.txt");
    await watch.run.warned(WAITING, 2);
    watch.write("b.txt");
    await watch.run.warned(WAITING, 3);
    const { exitCode, stderr } = await end(watch);
    const again = (name: string): string => `${WAITING}loom: ${name} changed: running again\n`;
    expect([exitCode, stderr]).toEqual([0, `${again("a.txt")}${again("b.txt")}${WAITING}`]);
  });

  test("sees folders that are made, moved and made again, and repositories within the repository", async () => {
    const watch = await watching({ files: { "old/a": "", "inner/.gitignore": "no\n", "inner/yes": "" } });
    const { root } = watch.project;
    spawnSync("git", ["init", "-q", "inner"], { cwd: root });
    spawnSync("sh", ["-c", "mv old new && mkdir old"], { cwd: root });
    await watch.run.warned(WAITING, 2);
    const changes = ["new/a", "old/b", "inner/yes"];
    for (const [index, path] of changes.entries()) {
      watch.write("inner/no", String(index));
      watch.write(path, String(index));
      await watch.run.warned(`loom: ${path} changed: running again\n${WAITING}`);
    }
    watch.write("inner/.gitignore");
    await watch.run.warned("loom: inner/.gitignore changed: running again");
    await watch.run.warned(WAITING, 6);
    watch.write("inner/no", "2");
    await watch.run.warned(`loom: inner/no changed: running again\n${WAITING}`);
    expect((await end(watch)).exitCode).toBe(0);
  });

  test("outside a repository sees all but node_modules, and what it writes itself does not count", async () => {
    const watch = await watching({
      repository: false,
      files: { "node_modules/m/a": "", b: "" },
      args: ["--reporter", "junit=report.xml"],
    });
    watch.write("node_modules/m/a", "2");
    watch.write("b", "2");
    await watch.run.warned(`loom: b changed: running again\n${WAITING}`);
    watch.write("node_modules/m/a", "3");
    const { exitCode, stderr } = await end(watch);
    expect(exitCode).toBe(0);
    expect(stderr.split("running again")).toHaveLength(2);
  });

  test("goes on when the workflow is broken or gone, and ends when there is nothing to begin with", async () => {
    const watch = await watching();
    const path = join(watch.project.root, ".loom/workflow.yml");
    appendFileSync(path, "?");
    await watch.run.warned(WAITING, 2);
    rmSync(path);
    await watch.run.warned(WAITING, 3);
    writeFileSync(path, WORKFLOW);
    await watch.run.warned(WAITING, 4);
    const { exitCode, stderr } = await end(watch);
    expect([exitCode, stderr]).toEqual([0, expect.stringContaining("loom: Cannot find a workflow: ")]);
    expect(receipts(watch.project).map(({ status }) => status)).toEqual(["success", "failure", "success"]);
    const none = watch.project.loom(["run", "--watch", "--job", "x"]);
    expect([none.exitCode, none.stderr]).toEqual([2, expect.stringContaining('Cannot run job "x"')]);
  });

  test.each([
    [["--staged"], "--staged: what is staged changes when files do not. Leave out one of them"],
    [["--cache-diff"], "--cache-diff: that compares two runs and ends. Leave out one of them"],
    [
      ["--tui-exit", "stay"],
      "--tui-exit stay: the live view closes when a run ends, to open with the next. Leave out one of them",
    ],
  ])("refuses %j", (args, why) => {
    const { exitCode, stderr } = makeProject({ workflow: WORKFLOW }).loom(["run", "--watch", ...args]);
    expect([exitCode, stderr]).toEqual([2, `loom: Cannot combine --watch and ${why}\n`]);
  });

  // A terminal of its own needs tmux.
  test.skipIf(!hasTmux)("in a terminal, opens the live view for each run and closes it between them", () => {
    const { root } = makeProject({ workflow: WORKFLOW });
    writeFileSync(join(root, "fail"), "");
    const terminal = new TmuxTerminal(root, 100, 30);
    terminal.type(`${process.execPath} ${LOOM} run --watch --in-place; echo exit=$?`, "Enter");
    terminal.shows("waiting for changes in this folder");
    expect(terminal.modes().startsWith("0")).toBe(true);
    writeFileSync(join(root, "wait"), "");
    for (const deadline = performance.now() + 10_000; !terminal.modes().startsWith("1"); pause())
      expect(performance.now(), "the live view opens").toBeLessThan(deadline);
    terminal.type("C-c");
    terminal.shows("exit=130");
    expect(terminal.modes().startsWith("0")).toBe(true);
  });
});
