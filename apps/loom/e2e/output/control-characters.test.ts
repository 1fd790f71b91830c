import { cpSync, mkdirSync, readFileSync, readdirSync, renameSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject } from "../project.ts";

const EVIL = "\u001B]0;title\u0007\u001B[2J\u009B31m\u202Eevil";

const WORKFLOW = `version: v1
stages: [a, b]
broken: {stage: a, script: ["echo no; exit 2"]}
after: {stage: b, script: ["true"]}
`;

describe("the evidence of a stranger", () => {
  test("makes a terminal do nothing, whatever command reads it", () => {
    const project = makeProject({ workflow: WORKFLOW });
    project.loom(["run", "-q"]);
    const { directory } = project.lastRun();
    const foreign = join(project.root, `foreign${EVIL}`);
    cpSync(directory, foreign, { recursive: true });
    for (const entry of readdirSync(foreign, { recursive: true, withFileTypes: true })) {
      if (!entry.isFile()) continue;
      const path = join(entry.parentPath, entry.name);
      const evil = JSON.stringify(EVIL).slice(1, -1);
      writeFileSync(
        path,
        readFileSync(path, "utf8").replaceAll("broken", `broken${evil}`).replaceAll("exit 2", `exit ${evil}`),
      );
    }
    renameSync(join(foreign, "jobs/broken"), join(foreign, `jobs/broken${EVIL}`));
    mkdirSync(join(foreign, "jobs", `other${EVIL}`));
    for (const args of [
      ["verify"],
      ["verify", "--json", "--full"],
      ["recover"],
      ["explain"],
      ["explain", "--json"],
      ["show"],
      ["show", "--json"],
      ["logs"],
    ]) {
      const [command = "", ...flags] = args;
      const { stdout, stderr } = project.loom([command, foreign, ...flags]);
      // oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
      const raw = (stdout + stderr).match(/[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u202E]/gu);
      expect({ args, raw }).toEqual({ args, raw: null });
    }
  });
});
