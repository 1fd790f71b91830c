// `npm run soak`: 10,000 jobs in one run, a step that prints 1 GB, 1,000 runs in a row; then checks what is
// left. Needs a build; takes a few minutes.
import { spawn } from "node:child_process";
import {
  cpSync,
  globSync,
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { parseArgs } from "node:util";
import { ROOT } from "./setup.mjs";

const { values } = parseArgs({
  options: { jobs: { type: "string", default: "10000" }, runs: { type: "string", default: "1000" } },
});
const JOBS = Number(values.jobs);
const RUNS = Number(values.runs);
if (!(JOBS >= 1 && RUNS >= 100)) {
  console.error(
    "Usage: npm run soak -- [--jobs N, from 1, default 10000] [--runs N, from 100, default 1000]",
  );
  process.exit(2);
}

const NODE = join(ROOT, "node_modules/node/bin/node");
/** How much the noisy step prints, and the most memory that it may use. */
const BYTES = 1_000_000_000;
const MOST_MIB = 300;
/** Interval between two readings of a run's memory, in milliseconds. */
const LOOK_MS = 50;

const base = mkdtempSync(join(tmpdir(), "loom-soak-"));
const temporary = join(base, "tmp");
mkdirSync(temporary);
// A copy, because a build in the meantime would remove the program while it runs.
for (const part of ["bin", "dist", "package.json"])
  cpSync(join(ROOT, "apps/loom", part), join(base, "loom", part), { recursive: true });
const LOOM = join(base, "loom/bin/loom.cjs");
const problems = [];
try {
  await manyJobs();
  await manyBytes();
  await manyRuns();
  const left = readdirSync(temporary);
  if (left.length > 0) problems.push(`left in the temporary folder: ${left.slice(0, 5).join(", ")}`);
} finally {
  rmSync(base, { recursive: true, force: true });
}
for (const problem of problems) console.log(`WRONG: ${problem}`);
process.exitCode = problems.length === 0 ? 0 : 1;

async function manyJobs() {
  const stages = Array.from({ length: 10 }, (_, index) => `s${index}`);
  const jobs = Array.from(
    { length: JOBS },
    (_, index) => `j${index}: {stage: s${index % 10}, script: ["true"]}\n`,
  );
  const project = makeProject("jobs", `version: v1\nstages: [${stages.join(", ")}]\n${jobs.join("")}`);
  const run = await loom(project, ["run", "-q"]);
  check(run, `the run of ${JOBS} jobs`);
  const verify = await loom(project, ["verify", "last"]);
  check(verify, `the verdict over ${JOBS} jobs`);
  const perJob = (run.ms / JOBS).toFixed(2);
  console.log(`${JOBS} jobs: ${seconds(run.ms)}, ${perJob} ms a job, ${run.peakMiB} MiB at most`);
  console.log(`their verdict: ${seconds(verify.ms)}, ${verify.peakMiB} MiB at most`);
  closed(project);
}

/** A step with far more output than may be in memory: all of it is kept, and read again in a stream. */
async function manyBytes() {
  const line = "a line of some sixty characters, as a compiler prints them";
  const project = makeProject(
    "bytes",
    `version: v1\nstages: [a]\nj: {stage: a, script: ["yes '${line}' | head -c ${BYTES}"]}\n`,
  );
  const run = await loom(project, ["run", "-q", "--in-place"]);
  check(run, "the run of a step that prints 1 GB");
  const verify = await loom(project, ["verify", "last"]);
  check(verify, "the verdict over 1 GB");
  console.log(`1 GB printed: ${seconds(run.ms)}, ${run.peakMiB} MiB at most`);
  console.log(`its verdict: ${seconds(verify.ms)}, ${verify.peakMiB} MiB at most`);
  const [path] = globSync(".loom/.runtime/logs/*/jobs/j/user/execution/script/01/summary.json", {
    cwd: project,
  });
  const { output_bytes: kept } = JSON.parse(readFileSync(join(project, path ?? ""), "utf8"));
  // The last line is incomplete, and is kept with a newline.
  if (kept < BYTES || kept > BYTES + 1) problems.push(`${kept} of ${BYTES} bytes are in the evidence`);
  for (const { peakMiB } of [run, verify])
    if (peakMiB > MOST_MIB) problems.push(`1 GB of output took ${peakMiB} MiB of memory`);
  closed(project);
  rmSync(project, { recursive: true });
}

async function manyRuns() {
  const project = makeProject("runs", 'version: v1\nstages: [a]\nj: {stage: a, script: ["echo one"]}\n');
  const runs = [];
  for (let run = 1; run <= RUNS; run += 1) {
    const ended = await loom(project, ["run", "-q"]);
    check(ended, `run ${run}`);
    runs.push(ended);
  }
  const median = (list) => list.map(({ ms }) => ms).sort((a, b) => a - b)[Math.floor(list.length / 2)];
  const [first, last] = [median(runs.slice(0, 50)), median(runs.slice(-50))];
  const peak = Math.max(...runs.map(({ peakMiB }) => peakMiB));
  console.log(
    `${RUNS} runs: ${first.toFixed(0)} ms at first, ${last.toFixed(0)} ms at last, ${peak} MiB at most`,
  );
  if (last > first * 1.5) problems.push("runs get slower as their number grows");
  for (const id of ["last", `last~${RUNS - 1}`])
    check(await loom(project, ["verify", id]), `the verdict over ${id}`);
  const logs = readdirSync(join(project, ".loom/.runtime/logs"));
  if (logs.length !== RUNS) problems.push(`${logs.length} runs are on disk instead of ${RUNS}`);
  closed(project);
}

/** Checks that no finished run is still marked as open, or left partially written. */
function closed(project) {
  const runtime = join(project, ".loom/.runtime");
  const open = readdirSync(join(runtime, "active"));
  if (open.length > 0) problems.push(`${open.length} runs are still marked as open`);
  const half = readdirSync(runtime, { recursive: true, encoding: "utf8" }).filter((path) =>
    path.endsWith(".tmp"),
  );
  if (half.length > 0) problems.push(`a partial document: ${half[0]}`);
}

function check({ exitCode, stderr }, what) {
  if (exitCode !== 0) problems.push(`${what} ended with ${exitCode}: ${stderr.trim().split("\n").at(-1)}`);
}

function makeProject(name, workflow) {
  const project = join(base, name);
  mkdirSync(join(project, ".loom"), { recursive: true });
  writeFileSync(join(project, ".loom/workflow.yml"), workflow);
  return project;
}

function loom(cwd, args) {
  return new Promise((resolve) => {
    const began = performance.now();
    const child = spawn(NODE, [LOOM, ...args], {
      cwd,
      env: { ...process.env, TMPDIR: temporary, XDG_CACHE_HOME: join(base, "cache") },
      stdio: ["ignore", "ignore", "pipe"],
    });
    let stderr = "";
    let peakMiB = 0;
    child.stderr.setEncoding("utf8").on("data", (text) => (stderr += text));
    const look = () => (peakMiB = Math.max(peakMiB, peakOf(child.pid)));
    const timer = setInterval(look, LOOK_MS);
    child.on("close", (exitCode) => {
      clearInterval(timer);
      resolve({ exitCode, stderr, peakMiB, ms: performance.now() - began });
    });
  });
}

/** A process's peak memory, in MiB; 0 if the system does not report it. */
function peakOf(pid) {
  try {
    const kib = /^VmHWM:\s+(\d+)/mu.exec(readFileSync(`/proc/${pid}/status`, "utf8"))?.[1];
    return Math.round(Number(kib ?? 0) / 1024);
  } catch {
    return 0;
  }
}

function seconds(ms) {
  return `${(ms / 1000).toFixed(1)} s`;
}
