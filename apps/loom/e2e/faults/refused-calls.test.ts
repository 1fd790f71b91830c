import { spawnSync } from "node:child_process";
import { existsSync, readdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { expect, test } from "vitest";
import { LOOM, makeProject, type Project } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a, b]
fails: {stage: a, retry: 1, script: ["echo one", "echo two >&2; exit 3"]}
works: {stage: a, script: ["echo three"]}
after: {stage: b, when: always, script: ["echo four"]}
`;

/** Every how many of the calls is refused; all with LOOM_REFUSE_EVERY=1. */
const EVERY = Number(process.env["LOOM_REFUSE_EVERY"] ?? 12);

/** A module that refuses one call that changes evidence, once, and notes whether it came to it. */
const HOOK = `import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const at = Number(process.env.REFUSE_AT);
const note = fs.writeFileSync;
let calls = 0;
// What is noted of processes is no evidence: a run does without it.
const others = new Set();
const isOther = (path) => !String(path).includes(".loom/.runtime") || String(path).endsWith(".notes");
for (const name of ["mkdirSync", "openSync", "writeSync", "writeFileSync", "renameSync", "linkSync", "rmSync"]) {
  const real = fs[name];
  fs[name] = (...args) => {
    const isEvidence = typeof args[0] === "number" ? !others.has(args[0]) : !isOther(args[0]);
    if (!isEvidence || (calls += 1) !== at) {
      const result = real(...args);
      if (name === "openSync") others[isOther(args[0]) ? "add" : "delete"](result);
      return result;
    }
    note("refused.txt", name);
    throw Object.assign(new Error("ENOSPC: no space left on device, " + name), { code: "ENOSPC", errno: -28, syscall: name, path: args[0] });
  };
}
syncBuiltinESMExports();
`;

function complaints(project: Project, call: number): readonly unknown[] {
  const { root } = project;
  const env = { PATH: process.env["PATH"], REFUSE_AT: String(call) };
  const run = spawnSync(process.execPath, ["--import", "./hook.mjs", LOOM, "run"], {
    cwd: root,
    env,
    encoding: "utf8",
    timeout: 30_000,
  });
  const said = run.stdout + run.stderr;
  const found: unknown[] = [];
  const isRefused = existsSync(join(root, "refused.txt"));
  // What is only tidied up may be left undone; everything else is said.
  if (run.status !== 1) found.push({ exitCode: run.status, said });
  if (/internal error|node:internal|\n {4}at /u.test(said)) found.push({ said });
  if (isRefused && !said.includes("ENOSPC") && readFileSync(join(root, "refused.txt"), "utf8") !== "rmSync")
    found.push({ silent: said });
  for (const [, path = ""] of run.stdout.matchAll(
    /^(?:receipt|summary|manifest|job|events|logs): +(\S+)$/gmu,
  )) {
    if (!existsSync(path.startsWith("/") ? path : join(root, path))) found.push({ named: path });
  }
  const runs = join(root, ".loom/.runtime/logs");
  if (!existsSync(runs) || readdirSync(runs).length === 0) return found;
  const recovered = project.loom(["recover", "last"]);
  if (recovered.exitCode !== 0) found.push({ recovered });
  const [runId = ""] = readdirSync(runs);
  const verdict = judgeRunDirectory(join(runs, runId), { checkedAt: new Date().toISOString() });
  if (!verdict.ok || verdict.value.violations.length > 0) found.push({ verdict });
  const left = readdirSync(join(root, ".loom/.runtime"), { recursive: true, encoding: "utf8" }).filter(
    (path) => path.endsWith(".tmp"),
  );
  if (left.length > 0) found.push({ left });
  return found;
}

test("a run of which the disk refuses one call says so, and can be completed", { timeout: 240_000 }, () => {
  const found: unknown[] = [];
  let isRefused = true;
  let calls = 0;
  for (let call = 1; isRefused; call += EVERY) {
    const project = makeProject({ workflow: WORKFLOW });
    writeFileSync(join(project.root, "hook.mjs"), HOOK);
    found.push(...complaints(project, call).map((what) => ({ call, what })));
    isRefused = existsSync(join(project.root, "refused.txt"));
    if (isRefused) calls += 1;
  }
  expect(found).toEqual([]);
  expect(calls).toBeGreaterThan(15);
});
