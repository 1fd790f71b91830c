import { spawn } from "node:child_process";
import { once } from "node:events";
import { existsSync, readdirSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject } from "../project.ts";

const WORKFLOW = `version: v1
stages: [a]
j: {stage: a, script: ["echo up > up; sleep 300"]}
`;

describe("a signal that comes early in a run", () => {
  test.each(["SIGINT", "SIGTERM", "SIGHUP"] as const)(
    "closes it: %s as soon as its directory is there",
    async (signal) => {
      const project = makeProject({ workflow: WORKFLOW });
      const { root } = project;
      // The program itself sends it, at the call that makes the directory: no later moment is early enough.
      const hook = join(root, "hook.mjs");
      writeFileSync(
        hook,
        `import fs from "node:fs";
import { syncBuiltinESMExports } from "node:module";
const real = fs.mkdirSync;
fs.mkdirSync = (path, ...rest) => {
  const made = real(path, ...rest);
  if (/logs\\/loom-run-local-\\d+$/.test(String(path))) process.kill(process.pid, ${JSON.stringify(signal)});
  return made;
};
syncBuiltinESMExports();
`,
      );
      const child = spawn(process.execPath, ["--import", hook, LOOM, "run", "-q"], { cwd: root });
      const [exitCode] = (await once(child, "close")) as unknown[];
      expect(exitCode).toBe({ SIGINT: 130, SIGTERM: 143, SIGHUP: 129 }[signal]);
      expect(existsSync(join(root, "up"))).toBe(false);
      expect(readdirSync(join(root, ".loom/.runtime/active"))).toEqual([]);
      expect(project.verdict()).toBe("valid");
    },
  );

  test("is a SIGHUP that nohup asked to be ignored, and does nothing", async () => {
    const project = makeProject({
      workflow: WORKFLOW.replace("sleep 300", "until [ -e go ]; do sleep 0.05; done"),
    });
    const { root } = project;
    const script = `nohup "$0" "$1" run -q > out.txt 2>&1 & echo $!; wait $!; echo rc=$?`;
    const shell = spawn("bash", ["-c", script, process.execPath, LOOM], {
      cwd: root,
      stdio: ["ignore", "pipe", "inherit"],
    });
    let said = "";
    shell.stdout.on("data", (data) => (said += String(data)));
    await expect.poll(() => existsSync(join(root, "up")), { timeout: 20_000 }).toBe(true);
    process.kill(Number(said.split("\n")[0]), "SIGHUP");
    writeFileSync(join(root, "go"), "");
    await once(shell, "close");
    expect(said).toMatch(/rc=0/u);
  });
});
