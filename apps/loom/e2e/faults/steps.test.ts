import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { StepSummary } from "@loom/artifacts";
import { describe, expect, test } from "vitest";
import { CLEAN, makePlace, type Place } from "./aftermath.ts";

const onLinux = process.platform === "linux";

/** A job of one step each, side by side. */
function workflow(jobs: Readonly<Record<string, string>>): string {
  const described = Object.entries(jobs).map(
    ([name, script]) => `${name}: {stage: a, script: [${JSON.stringify(script)}]}`,
  );
  return `version: v1\nstages: [a]\n${described.join("\n")}\n`;
}

function scriptsOf(
  rows: readonly (readonly [job: string, script: string, ...rest: readonly unknown[]])[],
): Record<string, string> {
  return Object.fromEntries(rows.map(([job, script]) => [job, script]));
}

/** The summary of the step of a job of the last run. */
function stepOf(place: Place, job: string): StepSummary {
  const path = join(place.lastRun().directory, "jobs", job, "user/execution/script/01/summary.json");
  return JSON.parse(readFileSync(path, "utf8")) as StepSummary;
}

/** The command lines that were named as left when a job was closed. */
function namedAsLeft(place: Place, job: string): readonly string[] {
  const events = place.lastRun().events(`jobs/${job}/system/cleanup/events.jsonl`);
  return events.flatMap((event) => {
    const { processes = [] } = event as { readonly processes?: readonly { readonly command: string }[] };
    return processes.map(({ command }) => command);
  });
}

/** What a step does, and how its summary says that it ended. */
const ENDS: readonly (readonly [job: string, script: string, summary: Partial<StepSummary>])[] = [
  ["killed", "echo last; kill -KILL $$", { status: "failed", signal: "SIGKILL", output_lines: 1 }],
  ["crashed", "kill -SEGV $$", { status: "failed", signal: "SIGSEGV", output_lines: 0 }],
  ["aborted", "kill -ABRT $$", { status: "failed", signal: "SIGABRT" }],
  ["unheard", "kill -PIPE $$", { status: "failed", signal: "SIGPIPE" }],
  ["terminated", "kill -TERM $$", { status: "failed", signal: "SIGTERM" }],
  // The shell is what loom waits for; it tells of its command by an exit code.
  ["below", "sh -c 'kill -SEGV $$'", { status: "failed", exit_code: 139 }],
  ["stdout-closed", "exec >&-; echo on >&2; exit 7", { status: "failed", exit_code: 7, output_lines: 1 }],
  ["closed", "exec >&- 2>&-; echo on >went-on; exit 7", { status: "failed", exit_code: 7, output_lines: 0 }],
  ["silent", "true", { status: "success", exit_code: 0, output_lines: 0, output_bytes: 0 }],
  ["reads", 'test -z "$(cat)"', { status: "success", exit_code: 0 }],
  ["reads-not", "exec sleep 0.05", { status: "success", exit_code: 0 }],
  ["unended", "printf x", { status: "success", output_lines: 1 }],
  ["empty-lines", "echo; echo; echo", { status: "success", output_lines: 3, output_bytes: 3 }],
];

/** Waits in a step until a process of which `$pid` is the number has become its command. */
const UNTIL_UP = "until grep -aqs ^sleep /proc/$pid/cmdline; do :; done";

/** What a step leaves running, and a command that must be named. */
const LEAVES: readonly (readonly [job: string, script: string, command: string])[] = [
  ["child", `sleep 300 & pid=$!; ${UNTIL_UP}`, "sleep 300"],
  ["orphan", `(sleep 300 & echo $! >1); read -r pid <1; ${UNTIL_UP}`, "sleep 300"],
  [
    "daemon",
    `(setsid sh -c 'sleep 301 & echo $! >2; wait' &); until [ -s 2 ]; do :; done; read -r pid <2; ${UNTIL_UP}`,
    "sleep 301",
  ],
  ["deaf", `(trap '' TERM; exec sleep 300) & pid=$!; ${UNTIL_UP}`, "sleep 300"],
];

describe("a step", () => {
  test("is told of by what it did: signals, closed outputs, no input, nothing printed", () => {
    const place = makePlace(workflow(scriptsOf(ENDS)));
    expect(place.loom(["run", "-q"])).toMatchObject({ exitCode: 1, stderr: "" });
    for (const [job, , summary] of ENDS) {
      const step = stepOf(place, job);
      expect({ job, ...step }).toMatchObject({ job, ...summary });
      // Either an exit code or a signal, never both.
      expect([job, "signal" in step, "exit_code" in step]).toEqual([
        job,
        "signal" in summary,
        !("signal" in summary),
      ]);
    }
    expect(existsSync(join(place.root, "went-on"))).toBe(true);
    expect(place.left()).toEqual(CLEAN);
  });

  test.runIf(onLinux)("that leaves processes has them ended and named, wherever they went", () => {
    const place = makePlace(workflow(scriptsOf(LEAVES)));
    expect(place.loom(["run", "-q"])).toMatchObject({ exitCode: 0, stderr: "" });
    for (const [job, , command] of LEAVES) {
      expect({ job, named: namedAsLeft(place, job) }).toMatchObject({
        named: expect.arrayContaining([command]) as string[],
      });
    }
    expect(place.left()).toEqual(CLEAN);
  });

  test("that prints what is no UTF-8 is marked where bytes were lost, and nowhere else", () => {
    const place = makePlace(
      workflow({ j: "printf 'a\\377\\200b\\nplain \\303\\274\\n\\000\\033x\\n\\303\\n'" }),
    );
    expect(place.loom(["run", "-q"])).toMatchObject({ exitCode: 0 });
    const output = place
      .lastRun()
      .events("jobs/j/user/execution/script/01/events.jsonl")
      .filter((event) => event.event === "output")
      .map(({ text, lossy }) => [text, lossy]);
    expect(output).toEqual([
      ["a\uFFFD\uFFFDb", true],
      ["plain \u00FC", undefined],
      ["\0\u001Bx", undefined],
      ["\uFFFD", true],
    ]);
    expect(stepOf(place, "j")).toMatchObject({ output_lines: 4, output_bytes: 20 });
    expect(place.left()).toEqual(CLEAN);
  });
});

/** Notes the peak of the program's own memory as it ends. What `getrusage` tells counts that of its parent, too. */
const PEAK_HOOK = `import fs from "node:fs";
process.on("exit", () => fs.writeFileSync(process.env.PEAK, fs.readFileSync("/proc/self/status", "utf8").match(/VmHWM:\\s*(\\d+)/)[1]));
`;

describe("a step that prints 100 MB", () => {
  const LINE = 799;
  const LINES = 125_000;
  test.each([
    ["in lines", `yes ${"x".repeat(LINE)} | head -n ${LINES}`, { lines: LINES, bytes: LINES * (LINE + 1) }],
    ["as one line", "head -c 100000000 /dev/zero | tr '\\0' x; echo", { lines: 1, bytes: 100_000_001 }],
  ])("%s has all of it in its evidence, and takes bounded memory", (_what, script, { lines, bytes }) => {
    const place = makePlace(workflow({ j: script }));
    const peak = join(place.root, "peak");
    writeFileSync(join(place.root, "hook.mjs"), PEAK_HOOK);
    const ended = place.under(onLinux ? ["env", `PEAK=${peak}`] : ["env"], ["run", "-q"], {
      node: onLinux ? ["--import", join(place.root, "hook.mjs")] : [],
    });
    expect(ended).toMatchObject({ exitCode: 0, stderr: "" });
    expect(stepOf(place, "j")).toMatchObject({ output_lines: lines, output_bytes: bytes });
    const path = join(place.lastRun().directory, "jobs/j/user/execution/script/01/events.jsonl");
    let [ends, characters] = [0, 0];
    for (const [, text = "", partial] of readFileSync(path, "latin1").matchAll(
      /"text":"(x*)"(,"partial":true)?/gu,
    )) {
      characters += text.length;
      if (partial === undefined) ends += 1;
    }
    expect({ ends, characters }).toEqual({ ends: lines, characters: bytes - lines });
    if (onLinux) expect(Number(readFileSync(peak, "utf8"))).toBeLessThan(500 * 1024);
    expect(place.left()).toEqual(CLEAN);
  });
});
