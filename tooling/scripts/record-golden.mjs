// `node tooling/scripts/record-golden.mjs NAME`: records runs of this version in
// `apps/loom/e2e/fixtures/golden/NAME`, one of each kind, which every later version must still read. Needs a
// build. Existing sets are never regenerated.
import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, globSync, mkdirSync, readFileSync, rmSync, writeFileSync } from "node:fs";
import { hostname } from "node:os";
import { join } from "node:path";
import { ROOT } from "./setup.mjs";

const NODE = join(ROOT, "node_modules/node/bin/node");
const LOOM = join(ROOT, "apps/loom/bin/loom.cjs");
/** A path that reveals nothing about the machine. */
const WORK = "/tmp/golden";

const HEAD = "version: v1\nstages: [check, ship, after]\n";
const FAILING = `${HEAD}lint: {stage: check, script: ["echo 'a.c:1:2: error: no' >&2; exit 3"], retry: 1}
unit: {stage: check, script: [echo one, "printf 'two without an end'"]}
style: {stage: check, script: [exit 1], allow_failure: true}
pack: {stage: ship, script: [echo packed]}
tell: {stage: after, script: [echo told], when: always}
`;
const SUCCEEDING = `${HEAD}build:
  stage: check
  script: ["mkdir -p out; date > out/built; echo built"]
  cache: {key: {prefix: deps}, paths: [out]}
  artifacts: {paths: [out]}
own: {stage: ship, needs: [build], workspace: own, script: ["cat out/built > /dev/null"]}
`;
const ENDLESS = `${HEAD}quick: {stage: check, script: [echo done]}
slow: {stage: check, script: ["echo began; sleep 300"]}
later: {stage: ship, script: [echo never]}
`;

const [name] = process.argv.slice(2);
if (name === undefined || !/^[\w.-]+$/u.test(name)) {
  console.error("Usage: node tooling/scripts/record-golden.mjs NAME, such as v1.2");
  process.exit(2);
}
const target = join(ROOT, "apps/loom/e2e/fixtures/golden", name);
if (existsSync(target)) {
  console.error(`There is a set "${name}" already: what a version wrote does not change`);
  process.exit(2);
}
rmSync(WORK, { recursive: true, force: true });
await record("success", SUCCEEDING, (project) => loom(project, "run", "-q"));
await record("failure", FAILING, (project) => loom(project, "run", "-q", "--in-place"));
await record("invalid-workflow", `${HEAD}one: {stage: nowhere}\n`, (project) => loom(project, "run", "-q"));
await record("cancelled", ENDLESS, (project) => interruptRun(project, "SIGTERM"));
await record("killed", ENDLESS, (project) => interruptRun(project, "SIGKILL"));
await record("recovered", ENDLESS, async (project) => {
  await interruptRun(project, "SIGKILL");
  loom(project, "recover", "last");
});
rmSync(WORK, { recursive: true, force: true });

async function record(kind, workflow, run) {
  const project = join(WORK, kind);
  mkdirSync(join(project, ".loom"), { recursive: true });
  writeFileSync(join(project, ".loom/workflow.yml"), workflow);
  await run(project);
  for (const part of ["logs", "receipts"]) {
    const from = join(project, ".loom/.runtime", part);
    if (existsSync(from)) cpSync(from, join(target, kind, part), { recursive: true });
  }
  for (const path of globSync("logs/*/events.jsonl", { cwd: join(target, kind) })) {
    const file = join(target, kind, path);
    writeFileSync(file, readFileSync(file, "utf8").replaceAll(`"${hostname()}"`, '"example"'));
  }
}

function environment() {
  const { PATH, HOME } = process.env;
  return { PATH, HOME, XDG_CACHE_HOME: join(WORK, "cache"), LANG: "C.UTF-8" };
}

function loom(project, ...words) {
  spawnSync(NODE, [LOOM, ...words], { cwd: project, env: environment(), stdio: "inherit" });
}

/** Starts a run and sends it a signal once its slow job prints. */
async function interruptRun(project, signal) {
  const words = [LOOM, "run", "--stream", "--in-place"];
  const child = spawn(NODE, words, {
    cwd: project,
    env: environment(),
    stdio: ["ignore", "pipe", "inherit"],
  });
  let said = "";
  child.stdout.setEncoding("utf8").on("data", (text) => {
    said += text;
    if (said.includes("began")) child.kill(signal);
  });
  await once(child, "close");
}
