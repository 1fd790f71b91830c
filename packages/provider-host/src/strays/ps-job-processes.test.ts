import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, rmSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parsePs, type PsProcess } from "@loom/system";
import { expect, onTestFinished, test } from "vitest";
import { PsJobProcesses } from "./ps-job-processes.ts";
import { readRunNotes, RunNotes } from "./run-notes.ts";

/** The `ps` of this machine, which shows no environment: as that of macOS does for its own programs. */
function listNow(): PsProcess[] {
  const columns = "pid=,ppid=,pgid=,tpgid=,stat=,lstart=,command=";
  const env = { LC_ALL: "C", TZ: "UTC0", PATH: "/bin:/usr/bin" };
  return parsePs(execFileSync("ps", ["-axww", "-o", columns], { encoding: "utf8", env }));
}
const ps = { listNow, list: async () => listNow() };
const NO_MARK = { name: "NOBODY_BEARS_THIS", accepts: () => false };

interface Step {
  readonly tracked: PsJobProcesses;
  readonly notesPath: string;
  readonly pid: number;
  readonly exited: Promise<unknown>;
  /** Resolves with the line that the step prints. */
  readonly said: () => Promise<string>;
  readonly end: () => void;
}

/** Starts a step that goes on when its stdin ends. */
function start(script: string, lister = ps): Step {
  const folder = mkdtempSync(join(tmpdir(), "loom-ps-"));
  const notesPath = join(folder, "notes");
  const tracked = new PsJobProcesses({
    mark: NO_MARK,
    ps: lister,
    notes: new RunNotes(notesPath, "0".repeat(32), undefined),
  });
  const sinceMs = performance.now();
  const shell = spawn("sh", ["-c", script], { detached: true, stdio: ["pipe", "pipe", "ignore"] });
  const exited = once(shell, "exit");
  onTestFinished(() => rmSync(folder, { recursive: true, force: true }));
  const pid = shell.pid ?? 0;
  tracked.started(pid, sinceMs);
  const said = async (): Promise<string> => String((await once(shell.stdout, "data"))[0]).trim();
  return { tracked, notesPath, pid, exited, said, end: () => void shell.stdin.end() };
}

const LEAVES = "perl -e 'use POSIX; POSIX::setsid(); $| = 1; print qq($$\\n); sleep 300' & read -r _";

test("end() ends a process that left its group and shows no mark, once it was seen below the step", async () => {
  const step = start(LEAVES);
  const child = Number(await step.said());
  step.tracked.poll();
  const startTime = listNow().find(({ pid }) => pid === child)?.startTime;
  expect(readRunNotes(step.notesPath)?.members).toEqual([{ pid: child, startTime }]);
  step.end();
  await step.exited;
  step.tracked.shellEnded(step.pid, false);
  step.tracked.groupEnded(step.pid);
  const { ended, left } = await step.tracked.end();
  expect({ ended: ended.map(({ pid }) => pid), left }).toEqual({ ended: [child], left: [] });
  expect(listNow().some(({ pid }) => pid === child)).toBe(false);
});

test("the shell of a step is looked at by itself, so that its group can be known later", async () => {
  const step = start("read -r _");
  await expect
    .poll(() => readRunNotes(step.notesPath)?.leaders, { interval: 20 })
    .toEqual([{ pid: step.pid, startTime: listNow().find(({ pid }) => pid === step.pid)?.startTime }]);
  step.end();
  await step.exited;
  step.tracked.shellEnded(step.pid, false);
  step.tracked.groupEnded(step.pid);
  expect(readRunNotes(step.notesPath)?.leaders).toEqual([]);
  expect(await step.tracked.end()).toEqual({ ended: [], left: [] });
});

test("end() ends what a step left in its group, and what that starts later", async () => {
  const step = start("(trap 'sleep 300 & exit' TERM; echo ready; while :; do sleep 0.01; done) & read -r _");
  await step.said();
  step.end();
  await step.exited;
  step.tracked.shellEnded(step.pid, true);
  const { ended, left } = await step.tracked.end();
  expect(ended.length).toBeGreaterThan(0);
  expect(left).toEqual([]);
  expect(listNow().filter(({ group }) => group === step.pid)).toEqual([]);
});

test("end() does not ask for a job that was over at once and left nothing", async () => {
  const asked: string[] = [];
  const counting = {
    listNow: () => (asked.push("now"), []),
    list: async () => (asked.push("list"), []),
  };
  const tracked = new PsJobProcesses({ mark: NO_MARK, ps: counting });
  tracked.started(2 ** 22 + 1, performance.now());
  tracked.shellEnded(2 ** 22 + 1, false);
  tracked.groupEnded(2 ** 22 + 1);
  expect(await tracked.end()).toEqual({ ended: [], left: [] });
  expect(asked).toEqual([]);
});

test("end() ends what is in the group of a step where ps cannot be run", async () => {
  const silent = { listNow: () => [], list: async () => [] };
  const step = start("(echo up; exec sleep 300) & read -r _", silent);
  await step.said();
  step.end();
  await step.exited;
  step.tracked.shellEnded(step.pid, true);
  const group = { pid: -step.pid, group: step.pid, startTime: "", command: `process group ${step.pid}` };
  expect(await step.tracked.end()).toEqual({ ended: [group], left: [] });
  expect(listNow().filter((seen) => seen.group === step.pid)).toEqual([]);
});
