import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { CLEAN, makePlace } from "./aftermath.ts";

const EXIT_CODES = { SIGINT: 130, SIGTERM: 143, SIGHUP: 129 } as const;
type Signal = keyof typeof EXIT_CODES;

/** What is sent to loom, one right after the other. The first one decides the exit code. */
const SIGNALS: readonly (readonly [sent: readonly Signal[]])[] = [
  [["SIGINT", "SIGINT"]],
  [["SIGINT", "SIGTERM"]],
  [["SIGTERM", "SIGINT"]],
  [["SIGHUP"]],
];

/** A module by which the program sends itself signals at the call that first touches a path: no other way is exact. */
const HOOK = `import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const [at, ...signals] = process.env.SEND.split(" ");
for (const name of ["mkdirSync", "openSync", "writeFileSync", "renameSync"]) {
  const real = fs[name];
  fs[name] = (...args) => {
    const result = real(...args);
    if (new RegExp(at).test(String(args[0]))) for (const signal of signals.splice(0)) process.kill(process.pid, signal);
    return result;
  };
}
syncBuiltinESMExports();
`;

function workflow(script: string): string {
  return `version: v1\nstages: [a, b]\nj: {stage: a, script: [${JSON.stringify(script)}]}\nlater: {stage: b, script: ["true"]}\n`;
}

describe.each(SIGNALS)("a run that is sent %j", (sent) => {
  const [first = "SIGINT", ...more] = sent;
  const exitCode = EXIT_CODES[first];

  test("at its start closes, and starts nothing", () => {
    const place = makePlace(workflow("touch ran; sleep 300"));
    const hook = join(place.root, "hook.mjs");
    writeFileSync(hook, HOOK);
    const ended = place.under(["env", `SEND=logs/loom-run-local-[0-9]+$ ${sent.join(" ")}`], ["run", "-q"], {
      node: ["--import", hook],
    });
    expect(ended).toMatchObject({ exitCode, stderr: "" });
    expect(existsSync(join(place.root, "ran"))).toBe(false);
    expect(place.lastRun().receipt).toMatchObject({ status: "cancelled", exit_code: exitCode });
    expect(place.left()).toEqual(CLEAN);
  });

  test("in a step ends it and closes", async () => {
    const place = makePlace(workflow("echo up; sleep 300"));
    const run = place.start(["run", "--stream", "--grace", "1h"]);
    await run.said("up");
    for (const signal of sent) run.process.kill(signal);
    const ended = await run.ended;
    expect(ended.stderr).toBe("");
    // Which of two that wait for a process is delivered first is for the system to say.
    expect(sent.map((signal) => EXIT_CODES[signal])).toContain(ended.exitCode);
    const { receipt, pipelineManifest } = place.lastRun();
    expect(receipt).toMatchObject({ status: "cancelled", exit_code: ended.exitCode });
    expect(pipelineManifest.jobs.map(({ status }) => status)).toEqual(["cancelled", "cancelled"]);
    expect(place.left()).toEqual(CLEAN);
  });

  test("in the grace of a step that ignores it kills at the end of the grace, or at once for a SIGINT", async () => {
    const place = makePlace(workflow("trap '' TERM INT HUP; echo deaf; while :; do sleep 300; done"));
    const isKilled = more.includes("SIGINT");
    const run = place.start(["run", "--stream", "--grace", isKilled ? "1h" : "300ms"]);
    await run.said("deaf");
    run.process.kill(first);
    await run.said(first);
    for (const signal of more) run.process.kill(signal);
    expect(await run.ended).toMatchObject({ exitCode, stderr: "" });
    const last = place.lastRun().events("jobs/j/user/execution/script/01/events.jsonl").at(-1);
    expect(last).toMatchObject({ status: "cancelled", signal: "SIGKILL" });
    expect(place.left()).toEqual(CLEAN);
  });

  test("in its finalize is over already, and stays as it was", () => {
    const place = makePlace(workflow("true"));
    const hook = join(place.root, "hook.mjs");
    writeFileSync(hook, HOOK);
    const ended = place.under(["env", `SEND=phase-report.json ${sent.join(" ")}`], ["run", "-q"], {
      node: ["--import", hook],
    });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(place.lastRun().receipt).toMatchObject({ status: "success", exit_code: 0 });
    expect(readdirSync(join(place.root, ".loom/.runtime/logs"))).toHaveLength(1);
    expect(place.left()).toEqual(CLEAN);
  });
});
