import { existsSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { REPORTER_NAMES } from "@loom/reporters";
import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a, b]
works: {stage: a, script: ["echo hello"]}
fails: {stage: a, script: ["echo oops; exit 3"]}
after: {stage: b, script: ["true"]}
`;

/** How the reports end that do not say how the run ended. */
const ENDS: Readonly<Record<string, RegExp>> = { junit: /<\/testsuites>\n$/u, codequality: /^\[\]\n$/u };

describe("loom run --reporter", () => {
  test.each(REPORTER_NAMES)("shows a run as %s, in help, with the word and in a file", (name) => {
    const project = makeProject({ workflow: WORKFLOW });
    const shown = project.loom(["run", "--reporter", name]);
    expect([shown.exitCode, shown.stderr]).toEqual([1, ""]);
    const end = ENDS[name] ?? /failure|The run failed/u;
    expect(shown.stdout).toMatch(end);
    project.loom(["run", "-q", "--reporter", `${name}=out/report`]);
    expect(readFileSync(join(project.root, "out/report"), "utf8")).toMatch(end);
    expect(project.loom(["run", "--help"]).stdout.replaceAll(/\s+/gu, " ")).toContain(` ${name},`);
  });

  test("writes several files beside what is shown, each whole", () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { stdout } = project.loom(["run", "--reporter", "tap=a.tap", "--reporter", "junit=b.xml"]);
    expect(stdout).toMatch(/^receipt: /mu);
    const read = (name: string): string => readFileSync(join(project.root, name), "utf8");
    expect(read("a.tap")).toMatch(/^TAP version 14\n[^]*\n1\.\.3\n/u);
    expect(read("b.xml")).toMatch(/^<\?xml [^]*tests="3" failures="1"[^]*<\/testsuites>\n$/u);
  });

  test("loads a reporter of somebody else, by its path", () => {
    const project = makeProject({ workflow: WORKFLOW });
    writeFileSync(
      join(project.root, "mine.mjs"),
      `export const createReporter = ({ output, heading }) => ({
  record: (stream, record) => record.event === "job_state" && output.write(record.job_id + " " + record.to + "\\n"),
  lines: () => {}, flush: () => {},
  finish: ({ outcome }) => output.write(heading.workflowPath + " " + outcome.status + "\\n"),
});`,
    );
    const { stdout, exitCode } = project.loom(["run", "--reporter", "./mine.mjs"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/works success\n[^]*\.loom\/workflow\.yml failure\n$/u);
  });

  test.each([
    [
      ["--reporter", "nope"],
      /Cannot find the reporter "nope": it is neither one of plain, .*, nor a module/u,
    ],
    [
      ["--reporter", "./bad.mjs"],
      /Cannot use the reporter "\.\/bad\.mjs": it exports no function createReporter/u,
    ],
    [["--reporter", "./broken.mjs"], /Cannot use the reporter "\.\/broken\.mjs": it cannot be loaded: /u],
    [["--reporter", "tap", "--json"], /Cannot combine --json and --reporter tap/u],
    [["--reporter", "tap", "--reporter", "plain"], /both would write to the output/u],
    [["--reporter", "tap=/proc/loom/x"], /Cannot write to "\/proc\/loom\/x": .*ENOENT/u],
    [["--reporter", "tap=."], /Cannot write to "\.": .*EISDIR/u],
  ])("%j is refused in one sentence, and nothing ran", (flags, message) => {
    const project = makeProject({ workflow: WORKFLOW });
    writeFileSync(join(project.root, "bad.mjs"), "export const other = 1;");
    writeFileSync(join(project.root, "broken.mjs"), "export const {");
    const { stdout, stderr, exitCode } = project.loom(["run", ...flags]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(message);
    expect(stderr.trimEnd().split("\n").length).toBe(1);
    expect(existsSync(join(project.root, ".loom/.runtime"))).toBe(false);
  });

  test("says that a file could not be written, and keeps the result", () => {
    const project = makeProject({ workflow: WORKFLOW });
    const { stdout, stderr, exitCode } = project.loom(["run", "--reporter", "json=/dev/full"]);
    expect(exitCode).toBe(1);
    expect(stdout).toMatch(/^receipt: /mu);
    expect(stderr).toMatch(/^loom: Cannot write to "\/dev\/full": .*\(ENOSPC\)\n$/u);
  });
});
