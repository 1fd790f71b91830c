import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished } from "vitest";
import type { FarNetwork } from "./far-network.ts";
import { makeProject, snapshots, type Project, type Running } from "../project.ts";

/** A project of which workers carry out jobs. */
export interface FarProject extends Project {
  /** Runs with `--stream`, and what else is given. Killed when the test is over, if it still goes on. */
  run(...args: readonly string[]): Running;
  /** Likewise, in a network. */
  runIn(network: Pick<FarNetwork, "entry">, ...args: readonly string[]): Running;
  /** Starts a worker of its pool, and waits until it takes jobs. */
  worker(name: string, options?: WorkerOptions): Promise<FarWorker>;
  /** The folders and notes of workers on this machine that are of this project. */
  workerFolders(): readonly string[];
}

/** How a worker is started. */
export interface WorkerOptions {
  readonly args?: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
  /** Where it is. Default: here. */
  readonly network?: Pick<FarNetwork, "entry">;
}

/** A worker under way. Killed when the test is over, if it is still there. */
export interface FarWorker extends Running {
  readonly pid: number;
}

/** How to wait for what the disk or the system tells. */
export const WAIT = { interval: 20, timeout: 30_000 };

let projects = 0;

/**
 * Makes a project with an engine.
 *
 * @param workflow - `POOL` in it is the project's own pool.
 */
export function makeFarProject(workflow: string, engine: Readonly<Record<string, string>>): FarProject {
  const pool = `p${process.pid}-${(projects += 1)}`;
  const project = makeProject({ workflow: workflow.replaceAll("POOL", pool) });
  const config = Object.entries(engine).map(([key, value]) => `  ${key}: ${value}\n`);
  writeFileSync(join(project.root, ".loom/config.yml"), `engine:\n${config.join("")}`);
  const { env } = snapshots();
  // As on another machine: workers and the run share nothing but the engine.
  const machine = realpathSync(mkdtempSync(join(tmpdir(), "loom-e2e-machine-")));
  const workers = join(machine, "loom/worker");
  mkdirSync(workers, { recursive: true });
  const workerFolders = (): readonly string[] => readdirSync(workers).toSorted();
  const started: Running[] = [];
  const runIn: FarProject["runIn"] = ({ entry }, ...args) => {
    const running = project.start(["run", "--stream", ...args], env, entry);
    started.push(running);
    return running;
  };
  onTestFinished(async () => {
    for (const running of started) running.process.kill("SIGKILL");
    for (const { ended } of started) await ended;
    await expect.poll(workerFolders, WAIT).toEqual([]);
    // What ended the jobs of a killed worker may still note compiled code there.
    rmSync(machine, { recursive: true, force: true, maxRetries: 10 });
  });
  return {
    ...project,
    loom: (args, more = {}, input) => project.loom(args, { ...env, ...more }, input),
    start: (args, more = {}, by = []) => project.start(args, { ...env, ...more }, by),
    run: (...args) => runIn({ entry: [] }, ...args),
    runIn,
    worker: async (name, { args = [], env: own = {}, network } = {}) => {
      const running = project.start(
        ["worker", "--name", `${pool}-${name}`, "--pool", pool, ...args],
        { ...env, XDG_CACHE_HOME: machine, ...own },
        network?.entry,
      );
      const { pid } = running.process;
      if (pid === undefined) throw new Error("The worker did not start");
      started.push(running);
      await running.said("takes");
      return { ...running, pid };
    },
    workerFolders,
  };
}

/** The most memory that a process has had. Bytes; Linux only. */
export function peakMemory(pid: number): number {
  const [, kib = "0"] = /^VmHWM:\s*(\d+) kB$/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8")) ?? [];
  return Number(kib) * 1024;
}
