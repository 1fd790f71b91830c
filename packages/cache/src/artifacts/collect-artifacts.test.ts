import { execFileSync } from "node:child_process";
import { createHash } from "node:crypto";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  realpathSync,
  symlinkSync,
  truncateSync,
  utimesSync,
  writeFileSync,
} from "node:fs";
import { join } from "node:path";
import { gzipSync } from "node:zlib";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { readTree } from "../../test/read-tree.ts";
import { FRAME_BYTES } from "../archive/frame-format.ts";
import { collectArtifacts, type CollectedArtifacts } from "./collect-artifacts.ts";
import { extractArtifacts } from "./extract-artifacts.ts";

interface Job {
  readonly workspace: string;
  readonly directory: string;
  readonly archivePath: string;
}

function job(): Job {
  const root = temporaryDirectory();
  mkdirSync(join(root, "workspace"));
  return {
    workspace: join(root, "workspace"),
    directory: join(root, "jobs", "build", "artifacts"),
    archivePath: join(root, "jobs", "build", "artifacts.tar.gz"),
  };
}

function write(workspace: string, path: string, content: string | Buffer = path, mode = 0o644): void {
  mkdirSync(join(workspace, path, ".."), { recursive: true });
  writeFileSync(join(workspace, path), content, { mode });
}

async function collect(from: Job, paths: string[], exclude: string[] = []): Promise<CollectedArtifacts> {
  const collected = await collectArtifacts({ ...from, paths, exclude });
  if (!collected.ok) throw new Error(collected.error.message);
  return collected.value;
}

test("collectArtifacts() copies and packs what globs and folders match, and lists it in order", async () => {
  const build = job();
  write(build.workspace, "dist/app.js", "app", 0o755);
  write(build.workspace, "dist/app.js.map");
  write(build.workspace, "dist/deep/.hidden/x.js");
  write(build.workspace, "dist.txt");
  write(build.workspace, "src/a.ts");
  write(build.workspace, "app/[id]/page", "literal");
  mkdirSync(join(build.workspace, "dist", "empty"));
  utimesSync(join(build.workspace, "dist", "app.js"), 1_700_000_000.5, 1_700_000_000.5);

  const collected = await collect(build, ["dist/", "*.txt", "app/[id]"], ["**/*.map"]);

  const sha256 = (text: string): string => createHash("sha256").update(text).digest("hex");
  expect(collected).toEqual({
    files: [
      { path: "app/[id]/page", size: 7, sha256: sha256("literal") },
      { path: "dist.txt", size: 8, sha256: sha256("dist.txt") },
      { path: "dist/app.js", size: 3, sha256: sha256("app") },
      { path: "dist/deep/.hidden/x.js", size: 22, sha256: sha256("dist/deep/.hidden/x.js") },
    ],
    links: [],
    archiveBytes: readFileSync(build.archivePath).length,
    warnings: [],
  });
  const unpacked = temporaryDirectory();
  execFileSync("tar", ["-C", unpacked, "-xpzf", build.archivePath]);
  expect(readTree(unpacked).filter((line) => !line.includes("app/"))).toEqual(
    readTree(build.directory).filter((line) => !line.includes("app/")),
  );
  expect(readTree(unpacked).find((line) => line.startsWith("dist/app.js"))).toContain("755 1700000000500000");
  expect(existsSync(join(unpacked, "dist", "empty"))).toBe(true);
  expect(existsSync(join(build.directory, "dist", "empty"))).toBe(true);
  expect(readdirSync(join(build.directory, ".."))).toEqual(["artifacts", "artifacts.tar.gz"]);
});

test("collectArtifacts() warns about what matches nothing, and creates nothing when nothing is left", async () => {
  const build = job();
  write(build.workspace, "only.map");
  expect(await collect(build, ["dist/**", "none", "../outside", "*.map"], ["*.map"])).toEqual({
    files: [],
    links: [],
    archiveBytes: 0,
    warnings: [
      '"../outside" is left out: its name has ".." in it',
      '"dist/**" of the artifacts matches nothing',
      '"none" of the artifacts matches nothing',
      "The artifacts match nothing that can be collected",
    ],
  });
  expect(existsSync(build.directory)).toBe(false);
  expect(existsSync(build.archivePath)).toBe(false);
});

test("collectArtifacts() keeps links that stay inside as links, and does not follow links to the outside", async () => {
  const build = job();
  const outside = temporaryDirectory();
  write(outside, "private");
  write(build.workspace, "dist/file");
  symlinkSync("file", join(build.workspace, "dist", "inside"));
  symlinkSync("gone", join(build.workspace, "dist", "nowhere"));
  symlinkSync(join(outside, "private"), join(build.workspace, "dist", "absolute"));
  symlinkSync("../..", join(build.workspace, "dist", "up"));
  symlinkSync(outside, join(build.workspace, "door"));
  symlinkSync("../door/private", join(build.workspace, "dist", "winding"));

  const collected = await collect(build, ["dist", "door/private", "door/*"]);

  expect(collected.files.map(({ path }) => path)).toEqual(["dist/file"]);
  expect(collected.links).toEqual([
    { path: "dist/inside", target: "file" },
    { path: "dist/nowhere", target: "gone" },
  ]);
  expect(collected.warnings).toEqual([
    '"door/private" is left out: a link on its way leads out of the workspace',
    '"door/*" is left out: a link on its way leads out of the workspace',
    '"dist/absolute" is left out: it is a link that leads out of the workspace',
    '"dist/up" is left out: it is a link that leads out of the workspace',
    '"dist/winding" is left out: it is a link that leads out of the workspace',
  ]);
});

test("collectArtifacts() leaves out the repository's data and the evidence of runs unless they are named", async () => {
  const build = job();
  write(build.workspace, ".git/config");
  write(build.workspace, ".loom/workflow.yml");
  write(build.workspace, ".loom/.runtime/logs/run/events.jsonl");
  write(build.workspace, "a");

  const everything = (await collect(build, ["**"])).files.map(({ path }) => path);
  const named = (await collect(build, [".loom/.runtime/logs", ".git/config"])).files.map(({ path }) => path);

  expect(everything).toEqual([".loom/workflow.yml", "a"]);
  expect(named).toEqual([".git/config", ".loom/.runtime/logs/run/events.jsonl"]);
  expect((await collect(build, ["."])).files.map(({ path }) => path)).toEqual(everything);
});

test("collectArtifacts() produces the same bytes from the same files, and replaces those of an earlier attempt", async () => {
  const build = job();
  write(build.workspace, "dist/a", Buffer.alloc(FRAME_BYTES + 100, "ab"));
  write(build.workspace, "dist/b");
  await collect(build, ["dist"]);
  const first = readFileSync(build.archivePath);
  await collect(build, ["dist"]);
  expect(readFileSync(build.archivePath).equals(first)).toBe(true);

  write(build.workspace, "other");
  await collect(build, ["other"]);
  expect(readdirSync(build.directory)).toEqual(["other"]);
  await collect(build, ["none"]);
  expect(existsSync(build.directory)).toBe(false);
});

test("extractArtifacts() extracts what was collected into another workspace", async () => {
  const build = job();
  write(build.workspace, "dist/large", Buffer.alloc(2 * FRAME_BYTES + 1, "loom"));
  write(build.workspace, "dist/tool", "#!/bin/sh", 0o755);
  symlinkSync("tool", join(build.workspace, "dist", "link"));
  await collect(build, ["dist"]);
  const workspace = temporaryDirectory();
  write(workspace, "dist/own");

  const { archivePath } = build;
  const extracted = await extractArtifacts({ archivePath, workspace, nowMs: Date.now() });

  expect(extracted).toEqual({ ok: true, value: { files: 2, bytes: 2 * FRAME_BYTES + 10, warnings: [] } });
  expect(readdirSync(join(workspace, "dist"))).toEqual(["large", "link", "own", "tool"]);
  expect(readTree(join(workspace, "dist")).filter((line) => !line.startsWith("own"))).toEqual(
    readTree(join(build.workspace, "dist")),
  );
});

test("extractArtifacts() extracts nothing from a damaged archive, wherever the damage is", async () => {
  const build = job();
  write(build.workspace, "dist/file", "content ".repeat(50));
  write(build.workspace, "dist/other", Buffer.alloc(FRAME_BYTES));
  await collect(build, ["dist"]);
  const { archivePath } = build;
  const whole = readFileSync(archivePath);
  const workspace = temporaryDirectory();
  for (let keep = 0; keep < whole.length; keep += 97) {
    truncateSync(archivePath, keep);
    const cut = await extractArtifacts({ archivePath, workspace, nowMs: Date.now() });
    expect(cut).toMatchObject({ ok: false, error: { code: "CACHE_DAMAGED" } });
    const flipped = Buffer.from(whole);
    // After the ten-byte gzip header, some bytes of which are ignored.
    flipped[keep + 10] = (flipped[keep + 10] ?? 0) ^ 0x10;
    writeFileSync(archivePath, flipped);
    await extractArtifacts({ archivePath, workspace, nowMs: Date.now() });
    if (existsSync(join(workspace, "dist"))) {
      expect(readFileSync(join(workspace, "dist", "file"), "utf8")).toBe("content ".repeat(50));
      execFileSync("rm", ["-r", join(workspace, "dist")]);
    }
    expect(readdirSync(workspace)).toEqual([]);
    writeFileSync(archivePath, whole);
  }
});

test("extractArtifacts() refuses links and names that lead out of the workspace", async () => {
  const build = job();
  const outside = realpathSync(temporaryDirectory());
  const evil = temporaryDirectory();
  symlinkSync(outside, join(evil, "door"));
  write(evil, "good");
  const tar = execFileSync("tar", ["-C", evil, "-cPf", "-", "door", "good", join(evil, "good")]);
  mkdirSync(join(build.archivePath, ".."), { recursive: true });
  writeFileSync(build.archivePath, gzipSync(tar));
  const workspace = temporaryDirectory();

  const { archivePath } = build;
  const extracted = await extractArtifacts({ archivePath, workspace, nowMs: Date.now() });

  expect(extracted).toMatchObject({
    ok: true,
    value: {
      files: 1,
      warnings: [
        '"door" is not restored: it is a link that leads out of the workspace',
        `"${join(evil, "good")}" is not restored: its name is absolute`,
      ],
    },
  });
  expect(readdirSync(workspace)).toEqual(["good"]);
});

test("extractArtifacts() names a missing archive", async () => {
  const archivePath = join(temporaryDirectory(), "none.tar.gz");
  const extracted = await extractArtifacts({
    archivePath,
    workspace: temporaryDirectory(),
    nowMs: Date.now(),
  });
  expect(extracted).toMatchObject({ ok: false, error: { code: "CACHE_IO" } });
});
