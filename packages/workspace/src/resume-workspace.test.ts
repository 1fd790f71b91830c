import { mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { epochMs, runIdentity, unwrap } from "@loom/core";
import { afterEach, expect, test } from "vitest";
import { createWorkspace } from "./create-workspace.ts";
import { discardWorkspace } from "./discard-workspace.ts";
import { pruneWorkspaces } from "./prune-workspaces.ts";
import { releaseWorkspace } from "./release-workspace.ts";
import { resumeWorkspace } from "./resume-workspace.ts";

const folders: string[] = [];

afterEach(() => {
  for (const folder of folders.splice(0)) rmSync(folder, { recursive: true, force: true });
});

function place() {
  const folder = mkdtempSync(join(tmpdir(), "loom-resume-"));
  folders.push(folder);
  mkdirSync(join(folder, "project"));
  writeFileSync(join(folder, "project/file.txt"), "as it was");
  return { projectFolder: join(folder, "project"), cacheHome: join(folder, "cache"), env: process.env };
}

async function make(where: ReturnType<typeof place>, number: number): Promise<string> {
  const { runId } = runIdentity(BigInt(number));
  return unwrap(await createWorkspace({ ...where, runId, nowMs: epochMs(number) })).root;
}

test("resumeWorkspace() reuses a kept workspace as it is, which is then in use and the newest", async () => {
  const where = place();
  const root = await make(where, 1);
  writeFileSync(join(root, "built.txt"), "by a job");
  await releaseWorkspace(root);
  expect(unwrap(await resumeWorkspace(root, { nowMs: epochMs(9) }))).toBeUndefined();
  expect(readdirSync(root).toSorted()).toEqual(["built.txt", "file.txt"]);
  expect(await resumeWorkspace(root, { nowMs: epochMs(9) })).toMatchObject({
    ok: false,
    error: { code: "WORKSPACE_IN_USE", path: root },
  });
  await releaseWorkspace(root);
  for (const number of [2, 3]) await releaseWorkspace(await make(where, number));
  unwrap(await pruneWorkspaces({ ...where, nowMs: epochMs(10), keep: 1 }));
  expect(readdirSync(root).toSorted()).toEqual(["built.txt", "file.txt"]);
});

test("resumeWorkspace() names a workspace that is gone", async () => {
  const root = await make(place(), 1);
  unwrap(await discardWorkspace(root));
  expect(await resumeWorkspace(root, { nowMs: epochMs(2) })).toMatchObject({
    ok: false,
    error: { code: "WORKSPACE_GONE", path: root },
  });
  expect(await discardWorkspace(root)).toEqual({ ok: true, value: undefined });
});
