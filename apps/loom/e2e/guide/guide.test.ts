import { readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

const WORKFLOW = `version: v1\nstages: [a]\njob: {stage: a, script: ["true"]}\n`;

/** The commands that a text names, with their flags: `loom run --job JOB`. */
function commandsIn(text: string): readonly (readonly string[])[] {
  return [...text.matchAll(/`loom ([^`]+)`/gu)].map(([, words = ""]) => words.split(" "));
}

test("loom guide says in 2 KiB which command when, exit codes, files and budgets", () => {
  const project = makeProject({ workflow: WORKFLOW });
  const { exitCode, stdout, stderr } = project.loom(["guide"]);
  expect([exitCode, stderr]).toEqual([0, ""]);
  expect(Buffer.byteLength(stdout)).toBeLessThanOrEqual(2048);
  expect([...stdout.matchAll(/^## (.*)$/gmu)].map(([, title]) => title)).toEqual([
    "Which command when",
    "Exit codes",
    "The four files",
    "Budgets",
  ]);
  expect(commandsIn(stdout).length).toBeGreaterThan(10);
});

test("every command and flag that the guide and AGENTS.md name exists", () => {
  const project = makeProject({ workflow: WORKFLOW });
  project.loom(["init", "--agents"]);
  const section = readFileSync(join(project.root, "AGENTS.md"), "utf8");
  expect(commandsIn(section)).toContainEqual(["guide"]);
  const named = [...commandsIn(project.loom(["guide"]).stdout), ...commandsIn(section)];
  for (const words of named) {
    const path = words.filter((_, at) => at === 0 || (words[0] === "ctl" && at === 1));
    const help = project.loom([...path, "--help"]);
    expect({ words, exitCode: help.exitCode }).toEqual({ words, exitCode: 0 });
    expect(help.stdout).toContain(`Usage: loom ${path.join(" ")}`);
    for (const flag of words.filter((word) => word.startsWith("--")))
      expect(help.stdout).toContain(` ${flag}`);
  }
});

test("the four files of the guide lead from the receipt to what the failing step printed", () => {
  const project = makeProject({
    workflow: `version: v1\nstages: [a]\njob: {stage: a, script: ["echo the cause; exit 1"]}\n`,
  });
  project.loom(["run", "-q"]);
  const guide = project.loom(["guide"]).stdout;
  const files = [...guide.matchAll(/^\d\. `([^`]+)`/gmu)].map(([, file = ""]) => file.replace("JOB", "job"));
  expect(files).toEqual(["pipeline/summary.json", "pipeline/manifest.json", "jobs/job/manifest.json"]);
  const { directory } = project.lastRun();
  const documents = files.map((file) => JSON.parse(readFileSync(join(directory, file), "utf8")) as object);
  const { failing_events_path: events = "" } = documents[2] as { readonly failing_events_path?: string };
  expect(readFileSync(join(directory, events), "utf8")).toContain("the cause");
});
