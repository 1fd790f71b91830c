import { readdirSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { describe, expect, test } from "vitest";
import { makeProject, snapshots, type Project } from "../project.ts";

const job = (key: string, bytes: number): string =>
  `${key}: {stage: a, script: ["mkdir ${key}; head -c ${bytes} /dev/urandom > ${key}/data"], cache: {key: ${key}, paths: [${key}]}}\n`;

const WORKFLOW = `version: v1\nstages: [a]\n${job("small", 1000)}${job("large", 3_000_000)}`;

/** What `list --json` has of a cache. */
interface Listed {
  readonly key: string;
  readonly scope: string;
  readonly bytes: number;
}

function keys(project: Project, env: Record<string, string>): string[] {
  const listed = JSON.parse(project.loom(["cache", "list", "--json"], env).stdout) as {
    readonly caches: readonly Listed[];
  };
  return listed.caches.map(({ key }) => key);
}

/** A project whose jobs have saved their caches, the small one used last. */
function filled(): { project: Project; env: Record<string, string>; entries: string } {
  const { env, cache } = snapshots();
  const project = makeProject({ workflow: WORKFLOW });
  expect(project.loom(["run", "-q", "--job", "large"], env).exitCode).toBe(0);
  const entries = join(cache, "loom/cache/v1/entries");
  for (const name of readdirSync(entries)) utimesSync(join(entries, name), 1_700_000_000, 1_700_000_000);
  expect(project.loom(["run", "-q", "--job", "small"], env).exitCode).toBe(0);
  return { project, env, entries };
}

describe("loom cache", () => {
  test("list shows key, size and last use, the last used first", () => {
    const { project, env } = filled();
    const { exitCode, stdout, stderr } = project.loom(["cache", "list"], env);
    expect([exitCode, stderr]).toEqual([0, ""]);
    const [heading, small, large, total, ...rest] = stdout.split("\n");
    expect(heading).toMatch(/^LAST USED +SIZE  KEY    OF$/u);
    expect(small).toMatch(
      new RegExp(String.raw`^20\d\d-\d\d-\d\d \d\d:\d\d:\d\dZ +1\.\d kB  small  ${project.root}$`, "u"),
    );
    expect(large).toMatch(
      new RegExp(String.raw`^2023-11-14 22:13:20Z  3\.0 MB  large  ${project.root}$`, "u"),
    );
    expect([total, ...rest]).toEqual(["2 caches, 3.0 MB of 10.0 GB", ""]);
  });

  test("list --json has the same for programs", () => {
    const { project, env } = filled();
    const listed = JSON.parse(project.loom(["cache", "list", "--json"], env).stdout) as {
      readonly caches: readonly Listed[];
    };
    expect(listed).toMatchObject({
      schema_version: "v1",
      kind: "loom-cache-list",
      directory: join(env["XDG_CACHE_HOME"] ?? "", "loom/cache/v1"),
      max_bytes: 10_000_000_000,
      bytes: listed.caches.reduce((sum, { bytes }) => sum + bytes, 0),
    });
    expect(listed.caches[1]).toEqual({
      key: "large",
      scope: project.root,
      paths: ["large"],
      bytes: expect.any(Number) as number,
      content_bytes: 3_000_000,
      files: 1,
      saved_at: expect.any(String) as string,
      last_used_at: "2023-11-14T22:13:20.000Z",
      quarantined: false,
    });
  });

  test("prune removes nothing within the limit, and what was used least recently above it", () => {
    const { project, env } = filled();
    expect(project.loom(["cache", "prune"], env).stdout).toBe(
      "removed  0 caches, 0 bytes free; 3.0 MB of 10.0 GB stay\n",
    );
    const { exitCode, stdout } = project.loom(["cache", "prune", "--max", "1.5MiB"], env);
    expect([exitCode, stdout]).toEqual([
      0,
      expect.stringMatching(/^removed  1 cache, 3\.0 MB free; 1\.\d kB of 1\.6 MB stay\n$/u) as string,
    ]);
    expect(keys(project, env)).toEqual(["small"]);
    const pruned = JSON.parse(project.loom(["cache", "prune", "--max", "0", "--json"], env).stdout) as object;
    expect(pruned).toEqual({
      schema_version: "v1",
      kind: "loom-cache-prune",
      removed: [{ key: "small", scope: project.root, paths: ["small"] }],
      freed_bytes: expect.any(Number) as number,
      bytes: 0,
      max_bytes: 0,
    });
  });

  test("clear removes those of the project where one stands, and no others", () => {
    const { project, env } = filled();
    const other = makeProject({ workflow: WORKFLOW });
    expect(other.loom(["run", "-q", "--job", "small"], env).exitCode).toBe(0);
    expect(keys(project, env)).toEqual(["small", "small", "large"]);
    const { exitCode, stdout, stderr } = project.loom(["cache", "clear"], env);
    expect([exitCode, stdout, stderr]).toEqual([
      0,
      `removed  2 caches of ${project.root}, 3.0 MB free\n`,
      "",
    ]);
    expect(keys(project, env)).toEqual(["small"]);
    const cleared = JSON.parse(other.loom(["cache", "clear", "--json"], env).stdout) as object;
    expect(cleared).toMatchObject({ removed: [{ key: "small", scope: other.root, paths: ["small"] }] });
    expect(keys(project, env)).toEqual([]);
  });

  test("clear --all removes those of every project, and an empty store is none", () => {
    const { project, env } = filled();
    const elsewhere = makeProject({ workflow: WORKFLOW });
    const { exitCode, stdout } = elsewhere.loom(["cache", "clear", "--all"], env);
    expect([exitCode, stdout]).toEqual([0, "removed  2 caches, 3.0 MB free\n"]);
    const empty = project.loom(["cache", "list"], env);
    expect([empty.exitCode, empty.stdout, empty.stderr]).toEqual([
      0,
      "",
      "loom: There are no caches yet; a job with the key cache makes one\n",
    ]);
    expect(JSON.parse(project.loom(["cache", "clear", "--all", "--json"], env).stdout)).toEqual({
      schema_version: "v1",
      kind: "loom-cache-clear",
      removed: [],
      freed_bytes: 0,
    });
  });

  test.each([
    [["prune", "--max", "much"], /Give a size such as 10GB, 500MB or 1\.5GiB\.\n$/u],
    [["prune", "--max", "-1GB"], /Give a size/u],
    [["lst"], /Did you mean list\?/u],
    [[], /Usage: loom cache/u],
  ])("refuses %j with a sentence", (args, sentence) => {
    const { exitCode, stdout, stderr } = makeProject({ workflow: WORKFLOW }).loom(["cache", ...args]);
    expect([exitCode, stdout]).toEqual([2, ""]);
    expect(stderr).toMatch(sentence);
  });
});
