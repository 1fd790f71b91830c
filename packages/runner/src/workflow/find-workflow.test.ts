import { mkdirSync, symlinkSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { findWorkflow } from "./find-workflow.ts";

test("findWorkflow() says where it cannot look, and why, instead of looking further up", () => {
  const root = temporaryDirectory();
  const inner = join(root, "inner");
  mkdirSync(inner);
  symlinkSync(".loom", join(inner, ".loom"));
  const path = join(inner, ".loom/workflow.yml");
  const messages = [findWorkflow(inner), findWorkflow(root, path)].map((found) =>
    found.ok ? "" : `${found.error.code}: ${found.error.message.split(": ")[0]}`,
  );
  expect(messages).toEqual([
    `WORKFLOW_NOT_FOUND: Cannot look for a workflow at "${path}"`,
    `WORKFLOW_NOT_FOUND: Cannot read workflow "${path}"`,
  ]);
});
