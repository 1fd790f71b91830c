import { spawn, spawnSync } from "node:child_process";
import { once } from "node:events";
import { cpSync, existsSync, mkdirSync, writeFileSync } from "node:fs";
import { dirname, join } from "node:path";
import { describe, expect, test } from "vitest";
import { LOOM, makeProject } from "../project.ts";
import { until } from "../until.ts";

const WORKFLOW = `version: v1
stages: [a]
j: {stage: a, script: ["touch up; while [ ! -e go ]; do sleep 0.05; done; exit 3"]}
`;

/** A module that makes this Node say that it is another one. */
function pretend(root: string, versions: string): string {
  const path = join(root, "pretend.cjs");
  writeFileSync(path, `Object.defineProperties(process.versions, ${versions});\n`);
  return path;
}

const OLD = `{ node: { value: "18.20.0" } }`;

describe("the program on a Node that is too old for it", () => {
  test("runs on the Node that was installed beside it, and ends as it does", async () => {
    const { root } = makeProject({ workflow: WORKFLOW });
    const child = spawn(process.execPath, ["-r", pretend(root, OLD), LOOM, "run", "-q"], { cwd: root });
    await until(() => existsSync(join(root, "up")));
    writeFileSync(join(root, "go"), "");
    expect((await once(child, "close"))[0]).toBe(1);
  });

  test("passes a signal on", async () => {
    const { root } = makeProject({ workflow: WORKFLOW });
    const child = spawn(process.execPath, ["-r", pretend(root, OLD), LOOM, "run", "-q"], { cwd: root });
    await until(() => existsSync(join(root, "up")));
    child.kill("SIGTERM");
    expect((await once(child, "close"))[0]).toBe(143);
  });

  test.each([
    ["Node 18.20.0", OLD],
    ["Node 22.17.1", `{ node: { value: "22.17.1" } }`],
    ["Bun 1.4.5", `{ bun: { value: "1.4.5" } }`],
  ])("says what it needs when there is none beside it, as on %s", (name, versions) => {
    const { root } = makeProject({ workflow: WORKFLOW });
    const copy = join(root, "copy");
    mkdirSync(join(copy, "bin"), { recursive: true });
    cpSync(LOOM, join(copy, "bin/loom.cjs"));
    cpSync(join(dirname(LOOM), "../package.json"), join(copy, "package.json"));
    const { status, stderr } = spawnSync(
      process.execPath,
      ["-r", pretend(root, versions), join(copy, "bin/loom.cjs"), "check"],
      { cwd: root, encoding: "utf8", env: { PATH: process.env["PATH"] } },
    );
    expect([status, stderr.split("\n")[0]]).toEqual([
      1,
      `loom needs Node 22.18 or newer, and this is ${name}.`,
    ]);
  });
});
