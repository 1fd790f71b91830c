import assert from "node:assert/strict";
import { globSync, readFileSync } from "node:fs";
import { join, resolve } from "node:path";
import { test } from "node:test";

const ROOT = resolve(import.meta.dirname, "../..");
const read = (path) => readFileSync(join(ROOT, path), "utf8");

test("changesets are about packages that are published: with others, no version can be made", () => {
  const published = new Set(
    globSync("{packages,apps}/*/package.json", { cwd: ROOT })
      .map((path) => JSON.parse(read(path)))
      .filter((manifest) => manifest.private !== true)
      .map(({ name }) => name),
  );
  for (const path of globSync(".changeset/*.md", { cwd: ROOT })) {
    const [, head = ""] = /^---\n(.*?)\n---\n/su.exec(read(path)) ?? [];
    const named = [...head.matchAll(/^"(@loom\/[^"]+)": (?:minor|patch)$/gmu)].map(([, name]) => name);
    assert.equal(named.length, head.split("\n").length, `${path} has other lines`);
    assert.ok(named.length > 0, `${path} names no package`);
    for (const name of named) assert.ok(published.has(name), `${path} names ${name}`);
  }
});
