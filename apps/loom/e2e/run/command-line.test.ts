import { readdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { expect, test } from "vitest";
import { makeProject } from "../project.ts";

test("what --var sets stands in no file of a run, its name does", () => {
  const project = makeProject({
    workflow: "version: v1\nstages: [a]\nj: {stage: a, script: ['test -n \"$TOKEN\"']}\n",
  });
  expect(project.loom(["run", "-q", "--var", "TOKEN=hunter2", "--var=PIN=hunter2=1"]).exitCode).toBe(0);
  expect(project.lastRun().receipt.command).toEqual(["loom", "run", "-q", "--var", "TOKEN=…", "--var=PIN=…"]);
  const runtime = join(project.root, ".loom/.runtime");
  const files = readdirSync(runtime, { recursive: true, withFileTypes: true }).filter((entry) =>
    entry.isFile(),
  );
  const holding = files.filter((entry) =>
    readFileSync(join(entry.parentPath, entry.name), "utf8").includes("hunter2"),
  );
  expect(holding.map(({ name }) => name)).toEqual([]);
});
