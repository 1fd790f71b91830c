import { execFileSync, spawn } from "node:child_process";
import { once } from "node:events";
import {
  chmodSync,
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
} from "node:fs";
import { hostname } from "node:os";
import { basename, dirname, join } from "node:path";
import { epochMs, runIdentity, type EpochMs } from "@loom/core";
import { describe, expect, test } from "vitest";
import { Checkout } from "../test/checkout.ts";
import { fingerprint } from "../test/fingerprint.ts";
import { actualTree, expectedTree } from "../test/visible-tree.ts";
import { createWorkspace } from "./create-workspace.ts";
import { pruneWorkspaces } from "./prune-workspaces.ts";
import { releaseWorkspace } from "./release-workspace.ts";
import { removeWorkspaces } from "./remove-workspaces.ts";
import type { RemovedWorkspaces } from "./store/prune-group.ts";
import { ownerPath } from "./store/workspace-place.ts";

const NOW: EpochMs = epochMs(1_800_000_000_000);

async function prune(checkout: Checkout, keep?: number): Promise<RemovedWorkspaces> {
  const { env, cacheHome } = checkout;
  const done = await pruneWorkspaces({
    projectFolder: checkout.top,
    cacheHome,
    env,
    nowMs: NOW,
    ...(keep !== undefined && { keep }),
  });
  if (!done.ok) expect.fail(done.error.message);
  return done.value;
}

async function kept(checkout: Checkout): Promise<string> {
  const { root } = await checkout.snapshot();
  await releaseWorkspace(root);
  return root;
}

/** A note of a running run, in the format from before notes held the whole process mark. */
function noteOfOld({ source, pid }: Record<string, unknown>): object {
  return { state: "in_use", source, pid, host: hostname(), process_start: "4711" };
}

function groups(checkout: Checkout): string[] {
  const folder = join(checkout.cacheHome, "loom/workspaces");
  return existsSync(folder) ? readdirSync(folder) : [];
}

describe("pruneWorkspaces()", () => {
  test("pruneWorkspaces() removes those of repositories that no longer exist, unless a run is using one", async () => {
    const checkout = Checkout.committed();
    const { cacheHome } = checkout;
    const inCacheOf = async (other: Checkout, run: bigint): Promise<string> => {
      const { runId } = runIdentity(run);
      const made = await createWorkspace({
        projectFolder: other.top,
        cacheHome,
        runId,
        env: other.env,
        nowMs: NOW,
      });
      if (!made.ok) expect.fail(made.error.message);
      return made.value.root;
    };
    const [gone, there, used] = [Checkout.committed(), Checkout.committed(), Checkout.committed()];
    const [first, second] = [await inCacheOf(gone, 1n), await inCacheOf(there, 2n)];
    const third = await inCacheOf(used, 3n);
    for (const root of [first, second]) await releaseWorkspace(root);
    for (const { top } of [gone, used]) renameSync(top, `${top}-moved`);
    expect(await prune(checkout)).toMatchObject({ removed: [first], failed: [] });
    expect([first, second, third].map((root) => existsSync(root))).toEqual([false, true, true]);
    expect(existsSync(dirname(first))).toBe(false);
    expect(await prune(checkout)).toMatchObject({ removed: [] });
    await releaseWorkspace(third);
    expect(await prune(checkout)).toMatchObject({ removed: [third] });
  });

  test("pruneWorkspaces() keeps the three newest", async () => {
    const checkout = Checkout.committed();
    const roots: string[] = [];
    for (let n = 0; n < 5; n += 1) roots.push(await kept(checkout));
    expect(await prune(checkout)).toStrictEqual({ removed: [roots[1], roots[0]], inUse: [], failed: [] });
    expect(readdirSync(dirname(roots[0] ?? "")).toSorted()).toStrictEqual(
      [".owners", ...roots.slice(2).map((root) => basename(root))].toSorted(),
    );
    expect(readdirSync(join(dirname(roots[0] ?? ""), ".owners")).length).toBe(3);
    expect(await prune(checkout)).toStrictEqual({ removed: [], inUse: [], failed: [] });
  });

  test("pruneWorkspaces() leaves a workspace in use alone", async () => {
    const checkout = Checkout.committed();
    const { root } = await checkout.snapshot();
    for (let n = 0; n < 3; n += 1) await kept(checkout);
    expect(await prune(checkout)).toStrictEqual({ removed: [], inUse: [root], failed: [] });
    await releaseWorkspace(root);
    expect(await prune(checkout)).toStrictEqual({ removed: [root], inUse: [], failed: [] });
  });

  test("pruneWorkspaces() treats the workspace of an ended process as released, even when its pid is in use again", async () => {
    const checkout = Checkout.committed();
    const { root } = await checkout.snapshot();
    const note = JSON.parse(readFileSync(ownerPath(root), "utf8")) as Record<string, unknown>;
    writeFileSync(ownerPath(root), JSON.stringify({ ...note, started: "1" }));
    expect(await prune(checkout, 0)).toStrictEqual({ removed: [root], inUse: [], failed: [] });
  });

  test("pruneWorkspaces() recognizes a run in another process while it is alive", async () => {
    const checkout = Checkout.committed();
    const options = checkout.options();
    const script = `
      import { createWorkspace } from ${JSON.stringify(import.meta.resolve("./create-workspace.ts"))};
      const made = await createWorkspace(JSON.parse(process.argv[1]));
      console.log(made.value.root);
      process.stdin.resume();
    `;
    const child = spawn(
      process.execPath,
      ["--conditions=@loom/source", "--input-type=module", "-e", script, JSON.stringify(options)],
      {
        stdio: ["pipe", "pipe", "inherit"],
      },
    );
    const [printed] = (await once(child.stdout, "data")) as [Buffer];
    const root = printed.toString("utf8").trim();
    expect(await prune(checkout, 0)).toStrictEqual({ removed: [], inUse: [root], failed: [] });
    child.kill("SIGKILL");
    await once(child, "close");
    expect(await prune(checkout, 0)).toStrictEqual({ removed: [root], inUse: [], failed: [] });
  });

  test("pruneWorkspaces() trusts a run on another machine for a day", async () => {
    const checkout = Checkout.committed();
    const root = await kept(checkout);
    const note = JSON.parse(readFileSync(ownerPath(root), "utf8")) as Record<string, unknown>;
    const foreign = { ...note, state: "in_use", host: "elsewhere", pid: 1 };
    writeFileSync(ownerPath(root), JSON.stringify({ ...foreign, created_at_ms: NOW - 1000 }));
    expect((await prune(checkout, 0)).inUse).toStrictEqual([root]);
    writeFileSync(ownerPath(root), JSON.stringify({ ...foreign, created_at_ms: NOW - 25 * 3_600_000 }));
    expect((await prune(checkout, 0)).removed).toStrictEqual([root]);
  });

  test("pruneWorkspaces() trusts a run whose process is not visible, as in another container, for a day", async () => {
    const checkout = Checkout.committed();
    const root = await kept(checkout);
    const note = JSON.parse(readFileSync(ownerPath(root), "utf8")) as Record<string, unknown>;
    const unseen = { ...note, state: "in_use", pid: 2 ** 22 + 1, numbering: "pid:[1]", host: "elsewhere" };
    writeFileSync(ownerPath(root), JSON.stringify({ ...unseen, created_at_ms: NOW - 1000 }));
    expect((await prune(checkout, 0)).inUse).toStrictEqual([root]);
    // The format from before notes held the machine: pid and host name.
    writeFileSync(ownerPath(root), JSON.stringify({ ...noteOfOld(note), created_at_ms: NOW - 1000 }));
    expect((await prune(checkout, 0)).inUse).toStrictEqual([root]);
  });

  test("pruneWorkspaces() removes what was never completed, and what a killed removal left", async () => {
    const checkout = Checkout.committed();
    const root = await kept(checkout);
    const half = await kept(checkout);
    const note = JSON.parse(readFileSync(ownerPath(half), "utf8")) as Record<string, unknown>;
    writeFileSync(ownerPath(half), JSON.stringify({ ...note, state: "making", started: "1" }));
    const trash = join(dirname(root), ".trash-old");
    mkdirSync(trash);
    writeFileSync(join(trash, "x"), "x");
    const lost = join(dirname(root), ".owners/gone.json");
    writeFileSync(lost, "{");
    expect(await prune(checkout)).toStrictEqual({ removed: [half, trash], inUse: [], failed: [] });
    expect(existsSync(lost)).toBe(false);
    expect(existsSync(root)).toBe(true);
  });

  test("pruneWorkspaces() removes what jobs made unwritable", async () => {
    const checkout = Checkout.committed();
    const root = await kept(checkout);
    mkdirSync(join(root, "closed/deep"), { recursive: true });
    writeFileSync(join(root, "closed/deep/x"), "x");
    chmodSync(join(root, "closed/deep"), 0o500);
    chmodSync(join(root, "closed"), 0);
    expect((await prune(checkout, 0)).failed).toStrictEqual([]);
    expect(existsSync(root)).toBe(false);
  });

  test("pruneWorkspaces() follows no link out of a workspace", async () => {
    const checkout = Checkout.committed();
    const root = await kept(checkout);
    checkout.write("precious");
    rmSync(join(root, "src"), { recursive: true });
    renameSync(join(root, "a.txt"), join(root, "b.txt"));
    checkout.link("../home/outside", checkout.top);
    renameSync(join(checkout.home, "outside"), join(root, "outside"));
    await prune(checkout, 0);
    expect(existsSync(checkout.path("precious"))).toBe(true);
  });

  test("pruneWorkspaces() can run twice at once", async () => {
    const checkout = Checkout.committed();
    for (let n = 0; n < 6; n += 1) await kept(checkout);
    const both = await Promise.all([prune(checkout, 1), prune(checkout, 1), prune(checkout, 1)]);
    expect(both.flatMap(({ failed }) => failed)).toStrictEqual([]);
    expect(readdirSync(join(checkout.cacheHome, "loom/workspaces", groups(checkout)[0] ?? "")).length).toBe(
      2,
    );
  });

  test("pruneWorkspaces() does nothing when there is nothing", async () => {
    const checkout = Checkout.committed();
    expect(await prune(checkout)).toStrictEqual({ removed: [], inUse: [], failed: [] });
    expect(groups(checkout)).toStrictEqual([]);
  });
});

describe("removeWorkspaces()", () => {
  test("removeWorkspaces() removes all of one repository, or of all, except those in use", async () => {
    const one = Checkout.committed();
    const two = new Checkout(dirname(one.top), "two").init();
    const roots = [await kept(one), await kept(one), await kept(two)];
    const { root: used } = await one.snapshot();
    const { env, cacheHome } = one;
    const sizes = execFileSync("du", ["-sk", ...roots.slice(0, 2)], { encoding: "utf8" }).matchAll(/^\d+/gmu);
    const freedBytes = [...sizes].reduce((sum, [size]) => sum + Number(size) * 1024, 0);
    const ofOne = await removeWorkspaces({ cacheHome, env, nowMs: NOW, projectFolder: one.top });
    expect(ofOne).toStrictEqual({
      ok: true,
      value: { removed: [roots[1], roots[0]], inUse: [used], failed: [], freedBytes },
    });
    await releaseWorkspace(used);
    const all = await removeWorkspaces({ cacheHome, env, nowMs: NOW });
    expect(all.ok && new Set(all.value.removed)).toStrictEqual(new Set([used, roots[2]]));
    expect(groups(one)).toStrictEqual([]);
  });
});

describe("releaseWorkspace()", () => {
  test("releaseWorkspace() does nothing for a workspace that is gone", async () => {
    const checkout = Checkout.committed();
    const root = await kept(checkout);
    await prune(checkout, 0);
    expect(await releaseWorkspace(root)).toStrictEqual({ ok: true, value: undefined });
    expect(existsSync(ownerPath(root))).toBe(false);
  });
});

describe("createWorkspace() at the same time", () => {
  test("createWorkspace() makes many workspaces of one repository concurrently, while others are removed", async () => {
    const checkout = Checkout.committed();
    checkout.write("a.txt", "changed");
    checkout.write("new");
    const before = fingerprint(checkout.top);
    const { env, cacheHome } = checkout;
    const made = await Promise.all(
      Array.from({ length: 8 }, async (_, n) => {
        if (n % 2 === 1) await removeWorkspaces({ cacheHome, env, nowMs: NOW });
        return checkout.snapshot();
      }),
    );
    expect(fingerprint(checkout.top)).toStrictEqual(before);
    const expected = expectedTree(checkout.top, checkout.env);
    for (const { root } of made) expect(actualTree(root)).toStrictEqual(expected);
    expect(new Set(made.map(({ treeHash }) => treeHash)).size).toBe(1);
  });
});
