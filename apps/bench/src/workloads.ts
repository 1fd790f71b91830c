import { mkdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { Measured } from "./measure.ts";

/** A job and what it needs. */
export interface PlainJob {
  readonly name: string;
  readonly needs: readonly string[];
}

/** A workflow, and what runs the same commands with nothing around them. */
export interface Workload {
  /** Text of `.loom/workflow.yml`. */
  readonly workflow: string;
  /** Its shell commands in layers: all of one before any of the next. */
  readonly layers: readonly (readonly string[])[];
}

const NOTHING = ":";

/** Jobs that do nothing and need nothing. */
export function independentJobs(count: number): Workload {
  const jobs = plainJobs(1, count);
  return { workflow: workflowOf(jobs.map(lineOf)), layers: [jobs.map(() => NOTHING)] };
}

/** Jobs that wait for some seconds, and need nothing. */
export function waitingJobs(count: number, seconds: number): Workload {
  const command = `sleep ${seconds}`;
  const jobs = Array.from({ length: count }, (_, job) => `w${job}: {stage: s, script: ["${command}"]}`);
  return { workflow: workflowOf(jobs), layers: [jobs.map(() => command)] };
}

/** Jobs that do nothing, each in a container of an image. */
export function containerJobs(count: number, image: string): Workload {
  const jobs = Array.from(
    { length: count },
    (_, job) => `c${job}: {stage: s, image: "${image}", script: ["${NOTHING}"]}`,
  );
  return { workflow: workflowOf(jobs), layers: [] };
}

/** Layers of jobs that do nothing, each of which needs three of the layer above. */
export function plainJobs(layers: number, width: number): readonly PlainJob[] {
  return Array.from({ length: layers * width }, (_, job): PlainJob => {
    const [layer, place] = [Math.floor(job / width), job % width];
    const needs = [0, 1, 2].map((need) => `l${layer - 1}p${(place * 7 + need * 31) % width}`);
    return { name: `l${layer}p${place}`, needs: layer === 0 ? [] : [...new Set(needs)] };
  });
}

function lineOf({ name, needs }: PlainJob): string {
  const list = needs.length === 0 ? "" : `, needs: [${needs.join(", ")}]`;
  return `${name}: {stage: s, script: ["${NOTHING}"]${list}}`;
}

/** Layers of jobs, each of which needs three of the layer above. */
export function layeredJobs(layers: number, width: number): Workload {
  const jobs = plainJobs(layers, width).map(lineOf);
  const each = Array.from({ length: width }, () => NOTHING);
  return { workflow: workflowOf(jobs), layers: Array.from({ length: layers }, () => each) };
}

/** Jobs that each need the one before. */
export function chainOfJobs(length: number): Workload {
  return layeredJobs(length, 1);
}

/** A job of one second with a chain of two that wait for it, beside a stranger of three seconds. */
export function skewedJobs(): Workload {
  const jobs = [
    "slow: {stage: s, script: [sleep 3]}",
    "first: {stage: s, script: [sleep 1]}",
    "second: {stage: s, script: [sleep 1], needs: [first]}",
    "third: {stage: s, script: [sleep 1], needs: [second]}",
  ];
  return { workflow: workflowOf(jobs), layers: [["sleep 3", "sleep 1; sleep 1; sleep 1"]] };
}

/** Jobs that each print a file, of lines of 100 bytes. */
export function printingJobs(jobs: number, linesEach: number): Workload & { readonly lines: number } {
  const print = `"$NODE" print.mjs ${linesEach}`;
  return {
    workflow: workflowOf(
      Array.from({ length: jobs }, (_, job) => `p${job}: {stage: s, script: ['${print}']}`),
    ),
    layers: [Array.from({ length: jobs }, () => print)],
    lines: linesEach,
  };
}

/** A run of many jobs of which one fails after printing many lines. */
export function failingJobs(jobs: number, lines: number): Workload {
  const failing = `bad: {stage: s, script: ['"$NODE" print.mjs ${lines}; echo "src/a.ts(3,7): error TS2322: wrong" >&2; exit 2']}`;
  const others = Array.from({ length: jobs - 1 }, (_, job) => `j${job}: {stage: s, script: ["${NOTHING}"]}`);
  return { workflow: workflowOf([failing, ...others]), layers: [] };
}

function workflowOf(jobs: readonly string[]): string {
  return `version: v1\nstages: [s]\n${jobs.join("\n")}\n`;
}

/** Prints so many lines of 100 bytes, as fast as they are taken. */
const PRINT = `
const line = "one line of a build, long enough to look like one, with a path in it: src/module/file.ts:12:7 - ok\\n".padStart(100, "x");
let left = Number(process.argv[2]);
const go = () => { while (left > 0) { const n = Math.min(left, 640); left -= n; if (!process.stdout.write(line.repeat(n))) return process.stdout.once("drain", go); } };
go();
`;

/** Runs the same commands, so many at a time, with nothing around them. */
const SPAWN = `
import { spawn } from "node:child_process";
import { readFileSync } from "node:fs";
const layers = JSON.parse(readFileSync(process.argv[2], "utf8"));
const width = Number(process.argv[3]);
const one = (command) => new Promise((resolve) => spawn("sh", ["-c", command], { stdio: ["ignore", "ignore", "ignore"] }).on("exit", resolve));
for (const layer of layers) {
  const waiting = [...layer];
  await Promise.all(Array.from({ length: width }, async () => { for (let next; (next = waiting.shift()) !== undefined; ) await one(next); }));
}
`;

/** Reads what a command prints through a pipe and writes it on. */
const PASS = `
import { spawn } from "node:child_process";
spawn("sh", ["-c", process.argv[2]], { stdio: ["ignore", "pipe", "inherit"] }).stdout.pipe(process.stdout);
`;

/** Writes a workload into a folder. Returns the floor that runs its commands, so many at a time. */
export function plant(folder: string, { workflow, layers }: Workload, width: number): Measured {
  mkdirSync(join(folder, ".loom"), { recursive: true });
  const files = {
    ".loom/workflow.yml": workflow,
    "layers.json": JSON.stringify(layers),
    "print.mjs": PRINT,
    "spawn.mjs": SPAWN,
    "pass.mjs": PASS,
  };
  for (const [name, text] of Object.entries(files)) writeFileSync(join(folder, name), text);
  return {
    words: [process.execPath, "spawn.mjs", "layers.json", String(width)],
    cwd: folder,
    env: { NODE: process.execPath },
  };
}

/** The floor of one printing command. */
export function pass(folder: string, command: string): Measured {
  return { words: [process.execPath, "pass.mjs", command], cwd: folder, env: { NODE: process.execPath } };
}
