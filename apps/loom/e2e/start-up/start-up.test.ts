import { spawnSync } from "node:child_process";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { LOOM, makeProject } from "../project.ts";

const WORKFLOW = 'version: v1\nstages: [a]\nj:\n  stage: a\n  script: ["true"]\n';

/** Runs the program with a hook that tells every file of it that is loaded. */
function loadedBy(args: readonly string[]): string[] {
  const { root } = makeProject({ workflow: WORKFLOW });
  const hook = join(root, "hook.mjs");
  writeFileSync(
    hook,
    `import { registerHooks } from "node:module";
registerHooks({ load: (url, context, next) => { process.stderr.write("loads " + url + "\\n"); return next(url, context); } });
`,
  );
  const { stderr, status } = spawnSync(process.execPath, ["--import", hook, LOOM, ...args], {
    cwd: root,
    encoding: "utf8",
  });
  expect(status).toBe(0);
  return stderr
    .split("\n")
    .filter((line) => line.startsWith("loads file:") && line.includes("/dist/"))
    .map((line) => line.slice(line.lastIndexOf("/") + 1).replace(/-[A-Z0-9]+\.js$/u, ""));
}

test.each([[["check"]], [["run"]], [["run", "--json"]]])("loom %j loads neither React nor Ink", (args) => {
  const loaded = loadedBy(args);
  expect(loaded).toContain("loom.js");
  expect(loaded).not.toContain("tui");
});

test.each([[["--version"]], [["version"]]])("loom %j loads nothing of the program", (args) => {
  expect(loadedBy(args)).toEqual([]);
});

test.each([
  ["process.versions.node = '20.20.2'", "loom needs Node 22.18 or newer, and this is Node 20.20.2.\n"],
  ["process.versions.node = '22.17.1'", "loom needs Node 22.18 or newer, and this is Node 22.17.1.\n"],
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
