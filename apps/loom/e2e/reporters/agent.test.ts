import { expect, test } from "vitest";
import { makeProject, type Ended } from "../project.ts";

const AGENT = { CLAUDECODE: "1" };

function linesOf({ stdout }: Ended): readonly string[] {
  return stdout.trimEnd().split("\n");
}

test("a coding agent gets a green run in three lines", () => {
  const project = makeProject({
    workflow: `version: v1\nstages: [a]\nloud: {stage: a, script: [seq 1 5000]}\n`,
  });
  const ended = project.loom(["run"], AGENT);
  expect([ended.exitCode, ended.stderr]).toEqual([0, ""]);
  expect(linesOf(ended)).toEqual([
    expect.stringMatching(/^success {2}1 success {2}/u),
    expect.stringMatching(/^logs: \.loom\/\.runtime\/logs\/loom-run-local-\d+$/u),
    expect.stringMatching(/^receipt: \/.*\.json$/u),
  ]);
});

test("a coding agent gets from a red run to file, line and cause", () => {
  const project = makeProject({
    workflow: `version: v1
stages: [a, b]
build:
  stage: a
  script:
    - seq 1 3000
    - |
      echo "src/main.c:12:5: error: expected ';' before '}' token"
      exit 2
fine: {stage: a, script: ["true"]}
test: {stage: b, script: ["true"]}
`,
  });
  const ended = project.loom(["run"], AGENT);
  const lines = linesOf(ended);
  expect([ended.exitCode, ended.stderr]).toEqual([1, ""]);
  expect(lines[0]).toMatch(/^failed: build › 02 .* \(exit 2\)$/u);
  expect(lines[1]).toMatch(/^failure {2}1 success, 1 failed, 1 blocked {2}/u);
  expect(ended.stdout).toContain("\n  error: src/main.c:12:5 expected ';' before '}' token (gcc)\n");
  expect(lines.at(-1)).toMatch(/^receipt: \//u);
  const commands = lines
    .filter((line) => line.startsWith("next: "))
    .map((line) => line.slice("next: loom ".length));
  expect(commands.map((command) => command.replace(/loom-run-local-\d+/u, "RUN"))).toEqual([
    "explain",
    "logs RUN build 2",
    "run --job build",
    "run --retry-failed RUN",
  ]);
  for (const command of commands.slice(0, 2))
    expect(project.loom(command.split(" ")).stdout).toContain("expected ';' before '}' token");
});

test("thirty failures are at most 40 lines and 4 KiB, which say how many are left out", () => {
  const jobs = Array.from(
    { length: 30 },
    (_, job) =>
      `job-${job}: {stage: a, script: ["for i in $(seq 1 40); do echo src/f${job}.c:$i:5: error: ${"long ".repeat(30)}; done; exit 2"]}`,
  );
  const project = makeProject({ workflow: ["version: v1", "stages: [a]", ...jobs, ""].join("\n") });
  const ended = project.loom(["run"], AGENT);
  expect(ended.exitCode).toBe(1);
  expect(linesOf(ended).length).toBeLessThanOrEqual(40);
  expect(Buffer.byteLength(ended.stdout)).toBeLessThanOrEqual(4096);
  expect(ended.stdout).toContain("… and 22 more failed jobs: loom explain\n");
  expect(ended.stdout.match(/^ {2}error: src\/f\d+\.c:\d+:5 /gmu)?.length).toBeGreaterThanOrEqual(8);
});

test("what is asked for comes before what an agent gets", () => {
  const project = makeProject({ workflow: `version: v1\nstages: [a]\njob: {stage: a, script: ["true"]}\n` });
  const outputOf = (args: readonly string[], env: Readonly<Record<string, string>>): string =>
    project.loom(["run", "--explain-output", ...args], env).stderr;
  expect(outputOf([], AGENT)).toBe("loom: output agent: a coding agent (CLAUDECODE)\n");
  expect(outputOf([], { LOOM_OUTPUT: "agent" })).toBe("loom: output agent: LOOM_OUTPUT=agent\n");
  expect(outputOf([], { ...AGENT, LOOM_OUTPUT: "plain" })).toBe("loom: output plain: LOOM_OUTPUT=plain\n");
  expect(outputOf(["--stream"], AGENT)).toBe("loom: output stream: --stream\n");
  expect(outputOf(["--reporter", "tap"], AGENT)).toBe("loom: output tap: --reporter tap\n");
});
