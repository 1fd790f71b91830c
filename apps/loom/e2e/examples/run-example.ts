import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  cpSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  realpathSync,
  rmSync,
  symlinkSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { basename, delimiter, join } from "node:path";
import { fileURLToPath } from "node:url";
import type { ExecutorJob, ManifestJob, PipelineManifest, Receipt } from "@loom/artifacts";
import type { LoomEvent, OutputEvent } from "@loom/core";
import type { PhaseReport } from "@loom/phase-validator";
import { afterAll, expect } from "vitest";

const REPOSITORY = fileURLToPath(new URL("../../../..", import.meta.url));
const LOOM = join(REPOSITORY, "apps/loom/bin/loom.cjs");

/** What a run of an example leaves behind, or its tools. */
const LEFTOVERS = new Set(["node_modules", "dist", "out", "build", "build-sanitized", ".runtime"]);

function isSource(path: string): boolean {
  return !LEFTOVERS.has(basename(path));
}

/** Where snapshots and caches go. */
const CACHE = mkdtempSync(join(tmpdir(), "loom-example-cache-"));
const folders: string[] = [CACHE];

afterAll(() => {
  for (const folder of folders) rmSync(folder, { recursive: true, force: true });
});

/** A run of an example that is over. */
export interface ExampleRun {
  readonly exitCode: number;
  /** Copy of the example. */
  readonly project: string;
  /** Snapshot of it that the jobs worked in. */
  readonly folder: string;
  readonly logsDir: string;
  readonly receipt: Receipt;
}

/** Runs a copy of an example, so that the checkout stays as it is. */
export async function runExample(
  name: string,
  flags: readonly string[] = [],
  env: NodeJS.ProcessEnv = {},
): Promise<ExampleRun> {
  const project = mkdtempSync(join(tmpdir(), `loom-${name}-`));
  folders.push(project);
  cpSync(join(REPOSITORY, "examples", name), project, {
    recursive: true,
    filter: isSource,
  });
  const { exitCode } = await runLoom(["run", "--quiet", ...flags], project, env);
  const [receiptName, ...others] = readdirSync(join(project, ".loom/.runtime/receipts"));
  expect(others).toEqual([]);
  const receipt = readDocument<Receipt>(project, ".loom/.runtime/receipts", receiptName);
  return { exitCode, project, folder: receipt.snapshot_path ?? "none", logsDir: receipt.logs_dir, receipt };
}

export async function verify(logsDir: string): Promise<{ exitCode: number } & Partial<PhaseReport>> {
  const { exitCode, stdout } = await runLoom(["verify", "--json", logsDir], REPOSITORY);
  const { status, violations } = JSON.parse(stdout) as PhaseReport;
  return { exitCode, status, violations };
}

export async function runLoom(
  args: readonly string[],
  cwd: string,
  env: NodeJS.ProcessEnv = {},
): Promise<{ exitCode: number; stdout: string }> {
  const path = [join(REPOSITORY, "node_modules/.bin"), process.env["PATH"]].join(delimiter);
  const child = spawn(process.execPath, [LOOM, ...args], {
    cwd,
    env: { ...process.env, PATH: path, LOOM_IN_PLACE: "", XDG_CACHE_HOME: CACHE, ...env },
    stdio: ["ignore", "pipe", "inherit"],
  });
  let stdout = "";
  child.stdout.setEncoding("utf8").on("data", (text: string) => {
    stdout += text;
  });
  const [exitCode] = (await once(child, "close")) as [number];
  return { exitCode, stdout };
}

export function statusesOf(receipt: Receipt): Record<string, ExecutorJob["status"]> {
  return Object.fromEntries(receipt.executor_receipt.jobs.map((job) => [job.job_id, job.status]));
}

export function jobsByName(
  manifest: PipelineManifest,
): Record<string, Pick<ManifestJob, "status" | "skip_reason" | "blocked_by">> {
  return Object.fromEntries(
    manifest.jobs.map(({ job_id, status, skip_reason, blocked_by }) => [
      job_id,
      {
        status,
        ...(skip_reason !== undefined && { skip_reason }),
        ...(blocked_by !== undefined && { blocked_by }),
      },
    ]),
  );
}

/** What a stream holds of stderr, or where that is nothing, of stdout. */
export function linesOf(logsDir: string, eventsPath: string | undefined): string[] {
  const output = readEvents(logsDir, eventsPath).filter(
    (record): record is OutputEvent => record.event === "output",
  );
  const errors = output.filter((record) => record.stream === "stderr");
  return (errors.length > 0 ? errors : output).map((record) => record.text);
}

export function readEvents(logsDir: string, eventsPath: string | undefined): LoomEvent[] {
  const lines = readFileSync(join(logsDir, eventsPath ?? "no events path"), "utf8").trimEnd();
  return lines.split("\n").map((line) => JSON.parse(line) as LoomEvent);
}

export function readDocument<T>(folder: string, ...path: readonly (string | undefined)[]): T {
  return JSON.parse(readFileSync(join(folder, ...path.map((part) => part ?? "no pointer")), "utf8")) as T;
}

/** A copy of an example that is a package, with the packages that its manifest asks for. */
export function installExample(name: string): string {
  const folder = realpathSync(mkdtempSync(join(tmpdir(), `loom-${name}-`)));
  folders.push(folder);
  cpSync(join(REPOSITORY, "examples", name), folder, { recursive: true, filter: isSource });
  const { dependencies, devDependencies } = readDocument<Record<string, Record<string, string> | undefined>>(
    folder,
    "package.json",
  );
  mkdirSync(join(folder, "node_modules/@loom"), { recursive: true });
  for (const asked of Object.keys({ ...dependencies, ...devDependencies }))
    symlinkSync(join(REPOSITORY, asked.replace("@loom/", "packages/")), join(folder, "node_modules", asked));
  return folder;
}

export function runNode(args: readonly string[], cwd: string, env: NodeJS.ProcessEnv = {}): string {
  return execFileSync(process.execPath, args, {
    cwd,
    encoding: "utf8",
    env: { ...process.env, XDG_CACHE_HOME: CACHE, LOOM_IN_PLACE: "", ...env },
  });
}
