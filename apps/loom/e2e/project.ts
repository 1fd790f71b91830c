import { spawn, spawnSync, type ChildProcess } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { dirname, join } from "node:path";
import type { JobManifest, PipelineManifest, PipelineSummary, Receipt } from "@loom/artifacts";
import type { LoomEvent } from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { cacheHome } from "@loom/system";
import { onTestFinished } from "vitest";

/** The built program, as it is installed. */
export const LOOM: string = join(import.meta.dirname, "../bin/loom.cjs");

/** How a command ended and what it said. */
export interface Ended {
  readonly exitCode: number | null;
  readonly stdout: string;
  readonly stderr: string;
}

/** A folder of its own with a workflow, gone when the test is over. */
export interface Project {
  readonly root: string;
  /** Runs the program to its end. @param input - What it finds on stdin. Default: nothing. */
  loom(args: readonly string[], env?: Readonly<Record<string, string>>, input?: string): Ended;
  /** Starts the program. @param by - A program with its arguments that becomes it. Default: none. */
  start(args: readonly string[], env?: Readonly<Record<string, string>>, by?: readonly string[]): Running;
  /** The documents of the last run, read as a reader would: from the receipt on. */
  lastRun(): RunEvidence;
  /**
   * What the validator says of a run: `valid`, or its violations. Default: the last run. It is called here, as starting
   * `loom verify` for each run would take a tenth of all end-to-end tests.
   */
  verdict(runId?: string): string;
}

/** A program under way. */
export interface Running {
  readonly process: ChildProcess;
  /** Resolves when stdout holds the text, in a line that is not a command (`j│ $ echo text`): that comes before it ran. */
  said(text: string): Promise<void>;
  /** Resolves when stderr holds the text so many times. Default: once. */
  warned(text: string, times?: number): Promise<void>;
  readonly ended: Promise<Ended>;
}

/** What a run left. */
export interface RunEvidence {
  readonly receipt: Receipt;
  readonly directory: string;
  readonly pipelineSummary: PipelineSummary;
  readonly pipelineManifest: PipelineManifest;
  readonly jobManifest: (jobId: string) => JobManifest;
  /** The records of a stream, by its path in the run's directory. */
  readonly events: (path: string) => LoomEvent[];
}

/**
 * The environment of a plain pipe: nothing of CI, agents or terminals shines
 * through. Jobs work in the project itself, where most tests look at files.
 */
const ENV = { PATH: process.env["PATH"], HOME: process.env["HOME"], LANG: "C.UTF-8", LOOM_IN_PLACE: "1" };

/** Where the program keeps its compiled code. In a folder of caches that is new it would be compiled anew each time. */
const COMPILED = join(cacheHome(process.env), "loom/compiled");

/** An environment in which jobs work in snapshots, kept in a folder of the test's own. */
export function snapshots(): { readonly env: Record<string, string>; readonly cache: string } {
  const cache = realpathSync(mkdtempSync(join(tmpdir(), "loom-e2e-cache-")));
  onTestFinished(() => rmSync(cache, { recursive: true, force: true }));
  return { cache, env: { LOOM_IN_PLACE: "", XDG_CACHE_HOME: cache, NODE_COMPILE_CACHE: COMPILED } };
}

/**
 * Makes a project from the folder of a test, or from the text of a workflow.
 *
 * @param program - Path of the program to run there. Default: the built one.
 */
export function makeProject(
  source: { readonly folder: string } | { readonly workflow: string },
  program: string = LOOM,
): Project {
  const root = realpathSync(mkdtempSync(join(tmpdir(), "loom-e2e-")));
  onTestFinished(() => rmSync(root, { recursive: true, force: true }));
  if ("folder" in source) {
    cpSync(source.folder, root, { recursive: true, filter: (path) => !path.includes(".runtime") });
  } else {
    mkdirSync(join(root, ".loom"));
    writeFileSync(join(root, ".loom/workflow.yml"), source.workflow);
  }
  return {
    root,
    loom: (args, env = {}, input = "") => {
      const { status, stdout, stderr } = spawnSync(process.execPath, [program, ...args], {
        cwd: root,
        encoding: "utf8",
        env: { ...ENV, ...env },
        input,
        maxBuffer: 1024 * 1024 * 1024,
      });
      return { exitCode: status, stdout, stderr };
    },
    start: (args, env = {}, by = []) => startProgram([...by, process.execPath, program, ...args], root, env),
    lastRun: () => readLastRun(root),
    verdict: (runId = lastOf(join(root, ".loom/.runtime/logs"))) =>
      verdictOn(join(root, ".loom/.runtime/logs", runId)),
  };
}

function verdictOn(directory: string): string {
  const judged = judgeRunDirectory(directory, { checkedAt: new Date().toISOString() });
  if (!judged.ok) return judged.error.message;
  const { status, violations } = judged.value;
  return violations.length === 0
    ? status
    : violations
        .map(({ code, message, stream_path, line }) => `${stream_path}:${line} ${code} ${message}`)
        .join("\n");
}

function startProgram(
  [program = "", ...args]: readonly string[],
  cwd: string,
  env: Readonly<Record<string, string>>,
): Running {
  const child = spawn(program, args, {
    cwd,
    env: { ...ENV, ...env },
    stdio: ["ignore", "pipe", "pipe"],
  });
  const said = { stdout: "", stderr: "" };
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    said.stdout += text;
    child.emit("said");
  });
  child.stderr.setEncoding("utf8").on("data", (text: string) => {
    said.stderr += text;
    child.emit("said");
  });
  return {
    process: child,
    said: async (text) => {
      while (!withoutCommands(said.stdout).includes(text)) await once(child, "said");
    },
    warned: async (text, times = 1) => {
      while (said.stderr.split(text).length <= times) await once(child, "said");
    },
    ended: once(child, "close").then(([exitCode]: (number | null)[]) => ({
      exitCode: exitCode ?? null,
      ...said,
    })),
  };
}

/** What `--stream` printed, without the command above the lines of each step. */
export function withoutCommands(stdout: string): string {
  return stdout.replaceAll(/^[^│\n]*│ \$ .*(?:\n|$)/gmu, "");
}

function readLastRun(root: string): RunEvidence {
  const receipts = join(root, ".loom/.runtime/receipts");
  const receipt = readJson<Receipt>(join(receipts, lastOf(receipts)));
  const directory = receipt.logs_dir;
  const pipelineSummary = readJson<PipelineSummary>(join(directory, "pipeline/summary.json"));
  return {
    receipt,
    directory,
    pipelineSummary,
    pipelineManifest: readJson<PipelineManifest>(join(directory, pipelineSummary.manifest_path)),
    jobManifest: (jobId) => readJson<JobManifest>(join(directory, "jobs", jobId, "manifest.json")),
    events: (path) =>
      readFileSync(join(directory, path), "utf8")
        .trimEnd()
        .split("\n")
        .map((line) => JSON.parse(line) as LoomEvent),
  };
}

/** What the last run has in this folder; runs are named by their start. */
function lastOf(folder: string): string {
  const names = readdirSync(folder).filter((name) => name.startsWith("loom-run-local-"));
  return names.sort().at(-1) ?? "none";
}

function readJson<T>(path: string): T {
  return JSON.parse(readFileSync(path, "utf8")) as T;
}

/** Folder of the test file that calls, for `makeProject({ folder })`. */
export function folderOf(url: string): string {
  return dirname(new URL(url).pathname);
}

/** The processes that carry the mark of a run. Linux only; elsewhere none are seen. */
export function processesOf(runId: string): string[] {
  if (process.platform !== "linux") return [];
  return readdirSync("/proc").filter((pid) => {
    if (!/^\d+$/u.test(pid)) return false;
    try {
      return readFileSync(`/proc/${pid}/environ`, "utf8").includes(`LOOM_RUN_ID=${runId}`);
    } catch {
      return false;
    }
  });
}
