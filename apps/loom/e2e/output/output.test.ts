import { spawn, type StdioOptions } from "node:child_process";
import { once } from "node:events";
import { closeSync, openSync, rmSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject, type Project } from "../project.ts";

/** One job that prints more than a pipe holds, and many jobs that make a graph longer than a pipe. */
const LONG = [
  "version: v1",
  "stages: [a]",
  "loud: {stage: a, script: [seq 1 20000]}",
  ...Array.from({ length: 300 }, (_, job) => `.job-${job}: {stage: a, script: ["echo ${job}"]}`),
  ...Array.from({ length: 300 }, (_, job) => `job-${job}: {extends: .job-${job}, when: on_failure}`),
].join("\n");

const READING: readonly (readonly string[])[] = [
  ["logs"],
  ["logs", "--timestamps"],
  ["logs", "--grep", "1"],
  ["logs", "--follow"],
  ["compile"],
  ["compile", "--format", "tree"],
  ["compile", "--format", "mermaid"],
  ["runs"],
  ["runs", "--json"],
  ["show"],
  ["show", "--json"],
  ["explain"],
  ["explain", "--json"],
  ["verify", "last"],
  ["verify", "last", "--json", "--full"],
  ["recover", "last"],
  ["check", "--json"],
  ["--help"],
  ["run", "--help"],
  ["version"],
  ["--version"],
];

/** Runs the program with a stdout of the test's choice; what it says on stderr, and its exit code. */
async function withStdout(
  project: Project,
  args: readonly string[],
  stdout: "gone" | "full",
): Promise<{ exitCode: unknown; stderr: string }> {
  const full = stdout === "full" ? openSync("/dev/full", "w") : undefined;
  const stdio: StdioOptions = ["ignore", full ?? "pipe", "pipe"];
  const child = spawn(process.execPath, [LOOM, ...args], { cwd: project.root, stdio });
  child.stdout?.destroy();
  let stderr = "";
  child.stderr?.setEncoding("utf8").on("data", (text: string) => {
    stderr += text;
  });
  const [exitCode] = (await once(child, "close")) as unknown[];
  if (full !== undefined) closeSync(full);
  return { exitCode, stderr };
}

describe("a command whose output fails", () => {
  const noTalk = (stderr: string): string =>
    stderr
      .split("\n")
      .filter((line) => !/^loom check passed$|^receipt: /u.test(line))
      .join("\n");

  test("ends quietly when its reader goes away, whatever command it is", async () => {
    const project = makeProject({ workflow: LONG });
    project.loom(["run", "-q"]);
    for (const args of READING) {
      const { exitCode, stderr } = await withStdout(project, args, "gone");
      expect({ args, exitCode, stderr: noTalk(stderr) }).toEqual({ args, exitCode: 0, stderr: "" });
    }
  });

  test("says in one sentence that its output is full, and does not end well", async () => {
    const project = makeProject({ workflow: LONG });
    project.loom(["run", "-q"]);
    for (const args of READING) {
      const { exitCode, stderr } = await withStdout(project, args, "full");
      expect({ args, exitCode, lines: noTalk(stderr).trimEnd().split("\n").length }).toEqual({
        args,
        exitCode: 1,
        lines: 1,
      });
      expect(stderr).toMatch(/loom: Cannot write to standard output: .*ENOSPC/u);
    }
  });

  test("keeps the result of a run that nobody reads", async () => {
    const project = makeProject({ workflow: LONG });
    expect(await withStdout(project, ["run", "--stream"], "gone")).toEqual({ exitCode: 0, stderr: "" });
    const { exitCode, stderr } = await withStdout(project, ["run", "--stream"], "full");
    expect({ exitCode, sentences: stderr.match(/Cannot write to standard output/gu)?.length }).toEqual({
      exitCode: 0,
      sentences: 1,
    });
    expect(project.verdict()).toBe("valid");
  });
});

describe("what stands on stderr", () => {
  test("is Loom's own: nothing of Node, with contradicting variables and with a slow reader", () => {
    const project = makeProject({ workflow: LONG });
    expect(project.loom(["run", "-q"], { NO_COLOR: "1", FORCE_COLOR: "1" }).stderr).toBe("");
    expect(project.loom(["logs"], { NO_COLOR: "1", FORCE_COLOR: "1" }).stderr).toBe("");
  });
});

describe("a folder that was removed", () => {
  test("is one sentence and wrong use, for every command", async () => {
    const project = makeProject({ workflow: LONG });
    for (const command of ["run", "check", "runs", "logs"]) {
      const script = `mkdir gone && cd gone && rmdir ../gone && exec "$0" "$1" ${command}`;
      const child = spawn("sh", ["-c", script, process.execPath, LOOM], { cwd: project.root, stdio: "pipe" });
      let said = "";
      for (const stream of [child.stdout, child.stderr]) stream.on("data", (data) => (said += String(data)));
      const [exitCode] = (await once(child, "close")) as unknown[];
      rmSync(join(project.root, "gone"), { recursive: true, force: true });
      expect({ exitCode, said }).toEqual({
        exitCode: 2,
        said: "loom: Cannot tell which folder this is: it was removed or cannot be read. Change to another folder\n",
      });
    }
  });
});

describe("below GitHub's runner", () => {
  test("no command of a job is carried out, in any output of a run and when it is read", () => {
    const project = makeProject({
      workflow: `version: v1
stages: [a]
j: {stage: a, script: ["echo '::add-mask::secret'; echo '  ::add-mask::secret'; echo 'x ##[add-mask]secret'; exit 1"]}
`,
    });
    const outputs = [[], ["--group"], ["--stream"], ["--no-tui"], ["-v"], ["--a11y"], ["--json"], ["-q"]];
    const commands = [
      ...outputs.map((flags) => ["run", ...flags]),
      ["logs"],
      ["logs", "last", "j"],
      ["logs", "--raw"],
      ["explain"],
      ["explain", "--json"],
    ];
    for (const args of commands) {
      const { stdout } = project.loom(args, { GITHUB_ACTIONS: "true" });
      let stopped: string | undefined;
      const done = stdout.split("\n").filter((line) => {
        const [, name, data] = /^\s*::([\w-]+)[^:]*::(.*)$/u.exec(line) ?? [];
        if (stopped !== undefined) {
          if (name === stopped) stopped = undefined;
          return false;
        }
        if (name === "stop-commands") stopped = data;
        return name === "add-mask" || /##\[add-mask/u.test(line);
      });
      expect({ args, done, stopped }).toEqual({ args, done: [], stopped: undefined });
    }
  });
});
