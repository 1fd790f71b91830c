import { existsSync, lstatSync, mkdirSync } from "node:fs";
import fc from "fast-check";
import { expect, test } from "vitest";
import { Checkout } from "../test/checkout.ts";
import { fingerprint } from "../test/fingerprint.ts";
import { actualTree, expectedTree } from "../test/visible-tree.ts";
import { createWorkspace } from "./create-workspace.ts";
import { rmSync } from "node:fs";

/** Few names, so that edits collide: a file where a folder was, a link where a file was. */
const anyPath = fc
  .array(fc.constantFrom("a", "b", "A", "ü", " x", "-f", "l.log"), { minLength: 1, maxLength: 3 })
  .map((names) => names.join("/"));

type Edit = readonly [name: string, path: string, other: string];

const anyEdit: fc.Arbitrary<Edit> = fc.tuple(
  fc.constantFrom(
    "write",
    "write",
    "write",
    "link",
    "chmod",
    "remove",
    "move",
    "folder",
    "stage",
    "stage all",
    "unstage",
    "commit",
    "untrack",
    "intend",
    "ignore",
  ),
  anyPath,
  anyPath,
);

/** Applies an edit if possible; one that the system or git refuses changes nothing. */
function edit(checkout: Checkout, [name, path, other]: Edit): void {
  const clear = (at: string): void => {
    const parts = at.split("/");
    for (let end = 1; end <= parts.length; end += 1) {
      const above = checkout.path(...parts.slice(0, end));
      const stats = lstatSync(above, { throwIfNoEntry: false });
      if (stats !== undefined && (end === parts.length || !stats.isDirectory()))
        rmSync(above, { recursive: true });
    }
  };
  try {
    if (name === "write") {
      clear(path);
      checkout.write(path, `${path} ${other}\n`);
    } else if (name === "link") {
      clear(path);
      checkout.link(path, other);
    } else if (name === "folder") {
      clear(path);
      mkdirSync(checkout.path(path), { recursive: true });
    } else if (name === "chmod") checkout.chmod(path, other.length % 2 === 0 ? 0o755 : 0o644);
    else if (name === "remove") checkout.remove(path);
    else if (name === "move") checkout.move(path, other);
    else if (name === "stage") checkout.git("add", "--", path);
    else if (name === "stage all") checkout.git("add", "-A");
    else if (name === "unstage") checkout.git("reset", "-q", "--", path);
    else if (name === "commit") checkout.commit();
    else if (name === "untrack") checkout.git("rm", "-rq", "--cached", "--", path);
    else if (name === "intend") checkout.git("add", "-N", "--", path);
    else checkout.write(".gitignore", "*.log\n");
  } catch {
    // Not possible in this state.
  }
}

/** How many histories; LOOM_EDITED_CHECKOUTS sets more. */
const RUNS = Number(process.env["LOOM_EDITED_CHECKOUTS"] ?? 25);

/** LOOM_FUZZ_SEED explores other histories. */
const SEED = Number(process.env["LOOM_FUZZ_SEED"] ?? 20_251);

test("createWorkspace() reproduces a checkout after any edits, and leaves it unchanged", async () => {
  await fc.assert(
    fc.asyncProperty(fc.array(anyEdit, { minLength: 1, maxLength: 25 }), async (edits) => {
      const checkout = Checkout.committed({ "a/a": "1", "a/b": "2", b: "3", "ü/x": "4" });
      for (const one of edits) edit(checkout, one);
      const before = fingerprint(checkout.top);
      const made = await createWorkspace(checkout.options());
      expect(fingerprint(checkout.top)).toStrictEqual(before);
      if (!made.ok) expect.fail(made.error.message);
      expect(actualTree(made.value.root)).toStrictEqual(expectedTree(checkout.top, checkout.env));
      expect(checkout.status(made.value.root)).toStrictEqual(checkout.status());
      const again = await createWorkspace(checkout.options());
      expect(again.ok && again.value.treeHash).toBe(made.value.treeHash);
      expect(existsSync(checkout.path(".git/index.lock"))).toBe(false);
    }),
    { numRuns: RUNS, seed: SEED },
  );
}, 240_000);
