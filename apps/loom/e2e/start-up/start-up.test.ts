import { spawnSync } from "node:child_process";
import { readFileSync, writeFileSync } from "node:fs";
import { basename, join } from "node:path";
import { fileURLToPath } from "node:url";
import pty from "@lydell/node-pty";
import { expect, test } from "vitest";
import { LOOM, makeProject, snapshots } from "../project.ts";

const WORKFLOW = 'version: v1\nstages: [a]\nj:\n  stage: a\n  script: ["true"]\n';

/** What only the code of these packages says, even when it is minified. */
const MARKS = {
  react: "react.transitional.element",
  ink: "ink-box",
  zod: "ZodError",
  engine: "A reader of the run failed and was detached",
  "provider-host": "cgroup.procs",
};

/** A project with a hook that notes every file of the program that is loaded. */
function watchedProject(): { readonly root: string; readonly hook: string; readonly loaded: () => string[] } {
  const { root } = makeProject({ workflow: WORKFLOW });
  const hook = join(root, "hook.mjs");
  const notes = join(root, "loaded.txt");
  writeFileSync(notes, "");
  writeFileSync(
    hook,
    `import { appendFileSync } from "node:fs";
import { registerHooks } from "node:module";
registerHooks({ load: (url, context, next) => { appendFileSync(${JSON.stringify(notes)}, url + "\\n"); return next(url, context); } });
`,
  );
  const loaded = (): string[] =>
    readFileSync(notes, "utf8")
      .split("\n")
      .filter((url) => url.startsWith("file:") && url.includes("/dist/"))
      .map((url) => fileURLToPath(url));
  return { root, hook, loaded };
}

/** Runs the program, for which no workflow was kept before, and names the files of it that are loaded. */
function loadedBy(args: readonly string[]): string[] {
  const { root, hook, loaded } = watchedProject();
  const env = { ...process.env, ...snapshots().env, LOOM_IN_PLACE: "1" };
  const { status } = spawnSync(process.execPath, ["--import", hook, LOOM, ...args], { cwd: root, env });
  expect(status).toBe(0);
  return loaded();
}

/** The packages of {@link MARKS} whose code is in the files. */
function packagesIn(files: readonly string[]): string[] {
  const code = files.map((file) => readFileSync(file, "utf8"));
  return Object.entries(MARKS).flatMap(([name, mark]) =>
    code.some((text) => text.includes(mark)) ? [name] : [],
  );
}

test.each([[["check"]], [["run"]], [["run", "--json"]]])("loom %j loads neither React nor Ink", (args) => {
  const loaded = loadedBy(args);
  expect(loaded.map((file) => basename(file))).toContain("loom.js");
  const packages = packagesIn(loaded);
  expect(packages).not.toContain("react");
  expect(packages).not.toContain("ink");
});

test.each([
  [["runs"], []],
  [["cache", "list"], []],
  [["init", "--print"], []],
  [["completion", "bash"], []],
  [["__complete", "--", "ch"], []],
  [["__complete", "--", "run", "--"], []],
  [["__complete", "--", "show", ""], []],
  [["check"], ["zod"]],
  [["compile"], ["zod"]],
  [["run"], ["zod", "engine", "provider-host"]],
])("loom %j loads no part of the runner but what it uses", (args, packages) => {
  expect(packagesIn(loadedBy(args))).toEqual(packages);
});

test("loom run loads neither a parser nor schemas for a workflow that it has run before", () => {
  const { root, hook, loaded } = watchedProject();
  const env = { ...process.env, ...snapshots().env, LOOM_IN_PLACE: "1" };
  const first = spawnSync(process.execPath, [LOOM, "run"], { cwd: root, env });
  const second = spawnSync(process.execPath, ["--import", hook, LOOM, "run"], { cwd: root, env });
  expect([first.status, second.status]).toEqual([0, 0]);
  expect(packagesIn(loaded())).toEqual(["engine", "provider-host"]);

  writeFileSync(join(root, ".loom/workflow.yml"), WORKFLOW.replace("true", "exit 3"));
  expect(spawnSync(process.execPath, [LOOM, "run"], { cwd: root, env }).status).toBe(1);
});

test("the jobs of a workflow that was compiled before are completed without a parser and schemas", () => {
  const { root, hook, loaded } = watchedProject();
  const env = { ...process.env, ...snapshots().env };
  spawnSync(process.execPath, [LOOM, "check"], { cwd: root, env });
  const words = ["__complete", "--", "run", "--job", ""];
  const { stdout } = spawnSync(process.execPath, ["--import", hook, LOOM, ...words], {
    cwd: root,
    env,
    encoding: "utf8",
  });
  expect(stdout).toBe("j\tstage a\n");
  expect(packagesIn(loaded())).toEqual([]);
});

test("loom check loads neither a parser nor schemas for a workflow that it has found valid before", () => {
  const { root, hook, loaded } = watchedProject();
  const env = { ...process.env, ...snapshots().env };
  const check = (more: readonly string[]) =>
    spawnSync(process.execPath, [...more, LOOM, "check"], { cwd: root, env, encoding: "utf8" });
  const warned = `${WORKFLOW}.hidden: {script: [x]}\n`;
  writeFileSync(join(root, ".loom/workflow.yml"), warned);
  const first = check([]);
  const second = check(["--import", hook]);
  expect([first.status, second.status]).toEqual([0, 0]);
  expect(packagesIn(loaded())).toEqual([]);
  const said = ({ stderr }: typeof first): string => stderr.replace(/^receipt: .*$/mu, "");
  expect(said(second)).toBe(said(first));

  writeFileSync(join(root, ".loom/workflow.yml"), WORKFLOW.replace("stage:", "stag:"));
  expect(check([]).status).toBe(1);
});

// Without it, the marks of the test above could be those of no code at all.
test("loom run --tui loads React and Ink", async () => {
  const { root, hook, loaded } = watchedProject();
  const child = pty.spawn(process.execPath, ["--import", hook, LOOM, "run", "--tui", "--tui-exit", "now"], {
    cols: 80,
    rows: 24,
    cwd: root,
    env: {
      ...snapshots().env,
      LOOM_IN_PLACE: "1",
      PATH: process.env["PATH"],
      TERM: "xterm-256color",
      LANG: "C.UTF-8",
    },
  });
  const exitCode = await new Promise((resolve) => child.onExit((end) => resolve(end.exitCode)));
  expect(exitCode).toBe(0);
  expect(packagesIn(loaded())).toEqual(Object.keys(MARKS));
});

test.each([[["--version"]], [["version"]]])("loom %j loads nothing of the program", (args) => {
  expect(loadedBy(args)).toEqual([]);
});

test.each([
  ["process.platform = 'win32'", /^loom runs on Linux and macOS\. On Windows, run it inside WSL: \S+\n$/u],
])("the program says in one line what it cannot run on (%s)", (change, message) => {
  const { root } = makeProject({ workflow: WORKFLOW });
  const preload = join(root, "preload.cjs");
  const [, object, property, value] = /^(.*)\.(\w+) = '(.*)'$/u.exec(change) ?? [];
  writeFileSync(preload, `Object.defineProperty(${object}, "${property}", { value: "${value}" });`);
  const { stderr, stdout, status } = spawnSync(process.execPath, ["--require", preload, LOOM, "run"], {
    cwd: root,
    encoding: "utf8",
  });
  expect([status, stdout]).toEqual([1, ""]);
  expect(stderr).toMatch(message);
});
