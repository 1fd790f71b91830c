import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { WorkspaceRoot } from "./workspace-root.ts";

function workspace(root: string): WorkspaceRoot {
  const found = WorkspaceRoot.at("/", root);
  if (!found.ok) throw new Error(found.error.message);
  return found.value;
}

test("inside() follows links, and refuses what they lead out to", () => {
  const root = temporaryDirectory();
  const outside = temporaryDirectory();
  mkdirSync(join(root, "a"));
  writeFileSync(join(root, "a/file"), "");
  symlinkSync("a", join(root, "within"));
  symlinkSync(outside, join(root, "out"));
  symlinkSync("nowhere", join(root, "broken"));
  const place = workspace(root);
  expect(place.inside("within/file")).toEqual({ ok: true, value: join(place.root, "a/file") });
  expect(place.inside(".")).toEqual({ ok: true, value: place.root });
  const messages = ["out", "..", outside, `${root}x`, "/etc/passwd", "broken", "missing"].map((path) => {
    const found = place.inside(path);
    return found.ok ? "" : /(is outside|no such file)/u.exec(found.error.message)?.[0];
  });
  expect(messages).toEqual([
    "is outside",
    "is outside",
    "is outside",
    "is outside",
    "is outside",
    "no such file",
    "no such file",
  ]);
});

test("holdsAllOf() finds links that lead out, however deep", () => {
  const root = temporaryDirectory();
  mkdirSync(join(root, "a/b"), { recursive: true });
  symlinkSync("b", join(root, "a/fine"));
  const place = workspace(root);
  expect(place.holdsAllOf("a").ok).toBe(true);
  symlinkSync("/etc/passwd", join(root, "a/b/events.jsonl"));
  expect(place.holdsAllOf("a").ok).toBe(false);
});

test("at() refuses what is no folder", () => {
  const root = temporaryDirectory();
  writeFileSync(join(root, "file"), "");
  for (const name of ["file", "missing"]) {
    const found = WorkspaceRoot.at(root, name);
    expect(found.ok ? "" : found.error.message).toMatch(
      /^Cannot use workspace_root ".*Name the folder of the project$/u,
    );
  }
});
