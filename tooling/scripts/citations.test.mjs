import assert from "node:assert/strict";
import { spawnSync } from "node:child_process";
import { existsSync, readFileSync } from "node:fs";
import { join, posix, resolve } from "node:path";
import { test } from "node:test";

import { anchorsOf, citedAnchors, citedElsewhere } from "./citations.mjs";

const ROOT = resolve(import.meta.dirname, "../..");

const { stdout } = spawnSync("git", ["ls-files", "--cached", "--others", "--exclude-standard"], {
  cwd: ROOT,
  encoding: "utf8",
  maxBuffer: 64 * 1024 * 1024,
});
/** Recorded outputs of other tools may cite anything, and this check's own tests contain what it refuses. */
const files = stdout
  .split("\n")
  .filter((path) => /\.(?:tsx?|mjs|cjs|md|ya?ml|json)$/u.test(path))
  .filter((path) => !/\/fixtures\/|__snapshots__|CHANGELOG\.md$|^tooling\/scripts\/citations/u.test(path))
  .filter((path) => existsSync(join(ROOT, path)));

const texts = new Map(files.map((path) => [path, readFileSync(join(ROOT, path), "utf8")]));

test("citedElsewhere() finds numbered parts of texts that are not in the repository", () => {
  const text =
    "Spec 2.5 allows 50 (spec 1.3 word for word); tui part 8.2, style 2.10, the style 38, YAML 1.2, 5.7";
  assert.deepEqual(citedElsewhere(text), ["Spec 2.5", "spec 1.3", "tui part 8.2", "style 2.10"]);
});

test("citedAnchors() finds pages with their anchors, but no URLs", () => {
  const text = "Source: docs/contract.md#events; SECURITY.md#limits. https://x.org/a.md#b";
  assert.deepEqual(citedAnchors(text), [
    { page: "docs/contract.md", anchor: "events" },
    { page: "SECURITY.md", anchor: "limits" },
  ]);
});

test("anchorsOf() names headings as GitHub does", () => {
  const page =
    "# `loom run`, and more\n\n```sh\n# no heading\n```\n\n## when, allow_failure\n\n## Twice\n\n## Twice\n";
  assert.deepEqual([...anchorsOf(page)], ["loom-run-and-more", "when-allow_failure", "twice", "twice-1"]);
});

test("comments and pages cite only what is in the repository", () => {
  const found = [...texts].flatMap(([path, text]) =>
    citedElsewhere(text).map((cited) => `${path}: ${cited}`),
  );
  assert.deepEqual(found, []);
});

test("comments cite page anchors that exist", () => {
  const found = [...texts]
    .filter(([path]) => !path.endsWith(".md"))
    .flatMap(([path, text]) => citedAnchors(text).map(({ page, anchor }) => ({ path, page, anchor })))
    .filter(({ page, anchor }) => !isThere(page, anchor))
    .map(({ path, page, anchor }) => `${path}: ${page}#${anchor}`);
  assert.deepEqual(found, []);
});

test("links on pages lead to anchors that exist", () => {
  const found = [...texts]
    .filter(([path]) => path.endsWith(".md"))
    .flatMap(([path, text]) =>
      [...text.matchAll(/\]\((?!\w+:)(?<page>[^)#\s]*)#(?<anchor>[^)\s]+)\)/gu)].map(({ groups }) => ({
        path,
        page: groups.page === "" ? path : posix.join(posix.dirname(path), groups.page),
        anchor: groups.anchor,
      })),
    )
    .filter(({ page, anchor }) => page.endsWith(".md") && !isThere(page, anchor))
    .map(({ path, page, anchor }) => `${path}: ${page}#${anchor}`);
  assert.deepEqual(found, []);
});

function isThere(page, anchor) {
  const text = texts.get(page);
  return text !== undefined && anchorsOf(text).has(anchor);
}
