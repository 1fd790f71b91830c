import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { readProcessStat } from "@loom/system";
import { JobProcesses } from "./job-processes.ts";
import { readRunNotes, RunNotes } from "./run-notes.ts";

test.runIf(process.platform === "linux")(
  "poll() notes a process once it leaves its shell's group, even if it was seen in the group before",
  async () => {
    const folder = mkdtempSync(join(tmpdir(), "loom-look-"));
    execFileSync("mkfifo", ["go", "up"], { cwd: folder });
    const script = "sh -c 'echo $$ >up; read -r _ <go; exec setsid sleep 300' & wait";
    const shell = spawn("sh", ["-c", script], { cwd: folder, detached: true, stdio: "ignore" });
    const child = Number(readFileSync(join(folder, "up"), "utf8"));
    onTestFinished(async () => {
      process.kill(child, "SIGKILL");
      await once(shell, "close");
      rmSync(folder, { recursive: true, force: true });
    });
    const path = join(folder, "notes");
    const processes = new JobProcesses({
      mark: { name: "NOBODY_BEARS_THIS", accepts: () => false },
      notes: new RunNotes(path, "0".repeat(32), undefined),
    });
    const notedPids = (): number[] => readRunNotes(path)?.members.map(({ pid }) => pid) ?? [];
    const sinceMs = performance.now();
    processes.started(shell.pid ?? 0, sinceMs);
    processes.poll();
    expect(notedPids()).toEqual([]);
    writeFileSync(join(folder, "go"), "\n");
    await expect.poll(() => readProcessStat(child)?.group, { interval: 5 }).toBe(child);
    processes.poll();
    processes.poll();
    expect(notedPids()).toEqual([child]);
    processes.shellEnded(shell.pid ?? 0, false);
  },
);
