import { createHash } from "node:crypto";
import { mkdirSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import type { GraphCache } from "@loom/core";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { CONTEXT, planCache } from "../../test/plan-cache.ts";
import { expandTemplate } from "./expand-template.ts";
import { planCaches } from "./plan-caches.ts";

function sha256(text: string): string {
  return createHash("sha256").update(text).digest("hex");
}

async function keyOf(key: GraphCache["key"], workspace: string = temporaryDirectory()): Promise<string> {
  return (await planCache(workspace, { key })).key;
}

test("planCaches() builds keys from the given prefix, template and files", async () => {
  const workspace = temporaryDirectory();
  writeFileSync(join(workspace, "lock"), "content");
  const hash = sha256("lock\u00007\u0000content");

  expect(await keyOf("as it is: $job_name")).toBe("as it is: $job_name");
  expect(await keyOf({ prefix: "npm" })).toBe("npm");
  expect(await keyOf({ template: "$job_name-$head_sha-$NODE" })).toBe("build-abc123-24");
  expect(await keyOf({})).toBe("build");
  expect(await keyOf({ prefix: "npm", files: ["lock"] }, workspace)).toBe(`npm-${hash}`);
  expect(await keyOf({ files: ["lock"] }, workspace)).toBe(hash);
  expect(await keyOf({ prefix: "npm", template: "$run_id", files: ["lock"] }, workspace)).toBe(
    `npm-run-1-${hash}`,
  );
});

test("planCaches() hashes matches in byte order, each once, and folders as what is below them", async () => {
  const workspace = temporaryDirectory();
  mkdirSync(join(workspace, "b", ".hidden"), { recursive: true });
  mkdirSync(join(workspace, ".git"));
  writeFileSync(join(workspace, ".git", "x.lock"), "not hashed");
  writeFileSync(join(workspace, "b", "x.lock"), "1");
  writeFileSync(join(workspace, "b.lock"), "22");
  writeFileSync(join(workspace, "B.lock"), "");
  writeFileSync(join(workspace, "b", ".hidden", "y.lock"), "\u0000\u0001");
  writeFileSync(join(workspace, "ü.lock"), "é");

  const expected = sha256(
    [
      "B.lock\u00000\u0000",
      "b.lock\u00002\u000022",
      "b/.hidden/y.lock\u00002\u0000\u0000\u0001",
      "b/x.lock\u00001\u00001",
      "ü.lock\u00002\u0000é",
    ].join(""),
  );
  expect(await keyOf({ files: ["**/*.lock", "b", "./b.lock"] }, workspace)).toBe(expected);
});

test("planCaches() distinguishes inputs that would be equal when concatenated", async () => {
  const [one, other] = [temporaryDirectory(), temporaryDirectory()];
  writeFileSync(join(one, "a"), "1b2");
  writeFileSync(join(other, "a"), "1");
  writeFileSync(join(other, "b"), "2");
  expect(await keyOf({ files: ["*"] }, one)).not.toBe(await keyOf({ files: ["*"] }, other));
});

test("planCaches() hashes a link as the file it leads to inside, and as its target text when it leads out", async () => {
  const workspace = temporaryDirectory();
  const outside = join(temporaryDirectory(), "secret");
  writeFileSync(outside, "secret");
  writeFileSync(join(workspace, "file"), "content");
  symlinkSync("file", join(workspace, "inside"));
  symlinkSync(outside, join(workspace, "outside"));

  expect(await keyOf({ files: ["inside"] }, workspace)).toBe(sha256("inside\u00007\u0000content"));
  const text = `outside\u0000${outside.length}\u0000${outside}`;
  expect(await keyOf({ files: ["outside"] }, workspace)).toBe(sha256(text));
});

test("planCaches() warns about patterns that match nothing, and about those that lead out", async () => {
  const planned = await planCache(temporaryDirectory(), {
    key: { files: ["package-lock.json", "../up", "*.lock"] },
  });
  expect(planned.key).toBe(sha256(""));
  expect(planned.warnings).toEqual([
    '"../up" is left out: its name has ".." in it',
    '"package-lock.json" of the cache key matches nothing',
    '"*.lock" of the cache key matches nothing',
  ]);
});

test("planCaches() keeps names, fallback keys and the order of the caches", async () => {
  const cache = { policy: "pull", when: "always" } as const;
  const planned = await planCaches(
    [
      { name: "b", paths: ["x"], key: "k", fallback_keys: ["l", "m"], ...cache },
      { name: "a", paths: ["y"], key: "k", ...cache },
    ],
    { workspace: temporaryDirectory(), scope: "/project", context: CONTEXT },
  );
  const common = { scope: "/project", key: "k", warnings: [], ...cache };
  expect(planned).toEqual({
    ok: true,
    value: [
      { ...common, name: "b", paths: ["x"], fallbackKeys: ["l", "m"] },
      { ...common, name: "a", paths: ["y"], fallbackKeys: [] },
    ],
  });
});

test("expandTemplate() expands names with and without braces and a dollar sign, and leaves unknown names", () => {
  const context = { ...CONTEXT, variables: { A: "1", A_B: "2", job_name: "not this", odd: "$A" } };
  const template =
    "$job_name ${job_id} $run_id ${pipeline_id} $head_sha $A $A_B ${A}_B $$A $odd $unknown ${no-name} $";
  expect(expandTemplate(template, context)).toBe(
    "build build run-1 pipeline-1 abc123 1 2 1_B $A $A $unknown ${no-name} $",
  );
  const { headSha: _, ...noCommit } = CONTEXT;
  expect(expandTemplate("$head_sha", noCommit)).toBe("$head_sha");
});
