import { spawn } from "node:child_process";
import { once } from "node:events";
import {
  accessSync,
  constants,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  rmSync,
  statSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join, resolve } from "node:path";
import { setTimeout as wait } from "node:timers/promises";
import { err, ok } from "@loom/core";
import { carriedStart, missingStepFolder, shellOf, stepCommand, stepVariables } from "@loom/ports";
import { endMarked } from "./marked-processes.mjs";

const CANCELLED = { code: "cancelled", message: "The run is being stopped" };

/**
 * A provider that runs jobs on this machine in a clean room: of the caller's environment a step sees `PATH` and nothing
 * else, and `HOME` and `TMPDIR` are an empty folder that is removed after the job. Linux only.
 *
 * A step is over when its shell has ended and nothing that it started holds its output any more.
 *
 * @returns {import("@loom/ports").Provider}
 */
export function createCleanRoom() {
  return {
    name: "clean-room",
    open(run) {
      return {
        name: "clean-room",
        prepare: (job, sections, stop) => prepare(run, job, { sections, stop }),
        close: (log) => endRun(run, log),
      };
    },
    endLeftovers: endRun,
  };
}

async function prepare(run, job, { sections, stop }) {
  const error = isStopped(stop) ? CANCELLED : whyUnusable(job.workspaceRoot);
  const outcome = await sections.run("provider", async (section) => {
    if (error === CANCELLED) return { status: "cancelled" };
    if (error !== undefined) return { status: "failed", error };
    section.log("info", "Steps run in a clean room", { provider: "clean-room", cwd: job.workspaceRoot });
    return { status: "success" };
  });
  if (outcome.status !== "success") return err(error);
  const home = mkdtempSync(join(tmpdir(), homePrefix(run)));
  // By its environment a process is known as one of the job, wherever it has gone.
  const mark = `CLEAN_ROOM=${run.runId}/${job.jobId}`;
  const env = {
    PATH: run.env.PATH ?? "/usr/bin:/bin",
    HOME: home,
    TMPDIR: home,
    ...job.env,
    CLEAN_ROOM: mark.slice(11),
  };
  return ok({
    run: async (step, output, signals) => {
      const cwd = resolve(job.workspaceRoot, step.dir ?? ".");
      if (whyUnusable(cwd) !== undefined) return { kind: "not_started", error: missingStepFolder(cwd) };
      const ofStep = { ...env, ...stepVariables(step) };
      const start = startCarried(job, step, { home, env: ofStep });
      return await runStep(
        stepCommand(shellOf(job.node, step), (start ?? step).script, false),
        { cwd, env: { ...ofStep, ...(start ?? step).env } },
        { output, stop: signals },
      );
    },
    async close(section) {
      const left = await endMarked(mark, { isPrefix: false });
      note(left, section);
      rmSync(home, { recursive: true, force: true });
      return ok(undefined);
    },
  });
}

/** Writes down for a step what it starts from, where the job carries that from step to step. */
function startCarried({ node, workspaceRoot: root }, step, { home, env }) {
  if (node.carry === undefined) return undefined;
  const folder = join(home, ".carried");
  mkdirSync(folder, { recursive: true, mode: 0o700 });
  const start = carriedStart({ node, step, folder, root, env, isTraced: false });
  writeFileSync(start.file, start.text, { mode: 0o600 });
  return start;
}

/** Runs a script to its end; returns how it ended. */
async function runStep({ program, args }, { cwd, env }, { output, stop }) {
  if (isStopped(stop)) return { kind: "not_started", error: CANCELLED };
  const child = spawn(program, args, {
    cwd,
    env,
    detached: true,
    stdio: ["ignore", "pipe", "pipe"],
  });
  try {
    await once(child, "spawn");
  } catch (thrown) {
    return {
      kind: "not_started",
      error: { code: "step_not_started", message: `Cannot start ${program}: ${thrown.message}` },
    };
  }
  const over = new AbortController();
  // The whole group of the shell gets the signals, or nothing where it has ended already.
  const send = (signal) => {
    if (!over.signal.aborted) process.kill(-child.pid, signal);
  };
  const terminate = async () => {
    send("SIGTERM");
    await wait(stop.graceMs, undefined, { signal: over.signal }).then(
      () => send("SIGKILL"),
      () => undefined,
    );
  };
  const options = { once: true, signal: over.signal };
  stop.terminate.addEventListener("abort", () => void terminate(), options);
  stop.kill.addEventListener("abort", () => send("SIGKILL"), options);
  // While the shell was being started.
  if (stop.kill.aborted) send("SIGKILL");
  else if (stop.terminate.aborted) void terminate();
  const ended = once(child, "exit").finally(() => over.abort());
  const read = async (stream) => {
    // No more is read while the output is behind.
    for await (const chunk of child[stream]) await output.write(stream, chunk);
  };
  const [[exitCode, signal]] = await Promise.all([ended, read("stdout"), read("stderr")]);
  return signal === null ? { kind: "exited", exitCode } : { kind: "signaled", signal };
}

/** Ends and removes what is left of a run. Safe to do again, and from another process. */
async function endRun(run, log) {
  note(await endMarked(`CLEAN_ROOM=${run.runId}/`, { isPrefix: true }), log);
  for (const name of readdirSync(tmpdir()))
    if (name.startsWith(homePrefix(run))) rmSync(join(tmpdir(), name), { recursive: true, force: true });
  return ok(undefined);
}

function note(processes, log) {
  if (processes.length > 0) log.log("warn", "Processes were left running, and were ended", { processes });
}

function homePrefix({ runId }) {
  return `clean-room-${runId}-`;
}

function isStopped({ terminate, kill }) {
  return terminate.aborted || kill.aborted;
}

function whyUnusable(folder) {
  try {
    accessSync(folder, constants.X_OK);
    if (statSync(folder).isDirectory()) return undefined;
  } catch (thrown) {
    if (!["ENOENT", "ENOTDIR", "EACCES"].includes(thrown.code)) throw thrown;
  }
  return { code: "workspace_missing", message: `"${folder}" is not a folder that can be entered` };
}
