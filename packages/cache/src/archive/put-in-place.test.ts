import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { readTree } from "../../test/read-tree.ts";
import { byteName } from "./byte-name.ts";
import { putInPlace } from "./put-in-place.ts";
import type { LinkRule, Staged } from "./staging-visitor.ts";
import { encodeHeader } from "./tar-header.ts";
import type { TarEntry } from "./tar-entry.ts";

const END = Buffer.alloc(1024);

/** Raw entries, valid or not. */
function archive(
  ...entries: (Partial<TarEntry> & { name: string; content?: string; type?: string })[]
): Buffer {
  const blocks = entries.map(({ content = "", type, ...fields }) => {
    const into = Buffer.alloc(16_384);
    const size = Buffer.byteLength(content);
    const plain = { kind: "file", mode: 0o644, mtimeMs: 0, target: "", size, ...fields } as const;
    const length = encodeHeader(into, 0, { ...plain, name: byteName(plain.name) });
    if (type !== undefined) retype(into, length - 512, type);
    into.write(content, length);
    return into.subarray(0, length + Math.ceil(size / 512) * 512);
  });
  return Buffer.concat([...blocks, END]);
}

function retype(into: Buffer, at: number, type: string): void {
  into.write(type, at + 156);
  into.fill(" ", at + 148, at + 156);
  const sum = into.subarray(at, at + 512).reduce((total, byte) => total + byte, 0);
  into.write(`${sum.toString(8).padStart(6, "0")}\0 `, at + 148);
}

async function put(bytes: Buffer, workspace: string, links: LinkRule = "all"): Promise<Staged> {
  const answer = await putInPlace({ archives: [pieces(bytes)], workspace, links, nowMs: Date.now() });
  if (!answer.ok) throw new Error(answer.error.message);
  return answer.value;
}

/** In chunks that end anywhere. */
async function* pieces(bytes: Buffer): AsyncGenerator<Buffer> {
  for (let at = 0; at < bytes.length; at += 1777) yield bytes.subarray(at, at + 1777);
}

/** A workspace with a sibling folder that must stay unchanged. */
function neighbourhood(): { workspace: string; neighbour: string } {
  const root = temporaryDirectory();
  const [workspace, neighbour] = [join(root, "workspace"), join(root, "neighbour")];
  mkdirSync(workspace);
  mkdirSync(neighbour);
  writeFileSync(join(neighbour, "file"), "untouched");
  return { workspace, neighbour };
}

test.each([
  ["/etc/loom-test", "its name is absolute"],
  ["../neighbour/file", 'its name has ".." in it'],
  ["a/../../neighbour/file", 'its name has ".." in it'],
  ["./.././neighbour/file", 'its name has ".." in it'],
  ["a/..", 'its name has ".." in it'],
])("putInPlace() refuses the name %s and puts the rest in place", async (name, why) => {
  const { workspace, neighbour } = neighbourhood();
  const staged = await put(archive({ name, content: "evil" }, { name: "good", content: "good" }), workspace);

  expect(staged.refused).toEqual([`"${name}" is not restored: ${why}`]);
  expect(readdirSync(workspace)).toEqual(["good"]);
  expect(readFileSync(join(neighbour, "file"), "utf8")).toBe("untouched");
});

test("putInPlace() never writes through a link in the archive, whether it leads outside or inside, chained or not", async () => {
  const { workspace, neighbour } = neighbourhood();
  const staged = await put(
    archive(
      { name: "out", kind: "symlink", target: neighbour },
      { name: "out/file", content: "evil" },
      { name: "chain", kind: "symlink", target: "out" },
      { name: "chain/file", content: "evil" },
      { name: "up", kind: "symlink", target: "../neighbour" },
      { name: "up/deep/er/file", content: "evil" },
      { name: "up/link", kind: "symlink", target: "x" },
      { name: "up/folder", kind: "directory" },
      { name: "up/hard", kind: "hardlink", target: "up/file" },
    ),
    workspace,
  );

  expect(staged.refused).toHaveLength(6);
  expect(staged.refused[0]).toBe('"out/file" is not restored: it is below a symbolic link of the archive');
  expect(readdirSync(workspace)).toEqual(["chain", "out", "up"]);
  expect(readTree(neighbour)).toHaveLength(1);
  expect(readFileSync(join(neighbour, "file"), "utf8")).toBe("untouched");
});

test("putInPlace() replaces a link with a later file of the same name instead of writing through it", async () => {
  const { workspace, neighbour } = neighbourhood();
  const target = join(neighbour, "file");
  symlinkSync(target, join(workspace, "there"));
  await put(
    archive(
      { name: "name", kind: "symlink", target },
      { name: "name", content: "a file" },
      { name: "there", content: "a file" },
    ),
    workspace,
  );

  expect(readFileSync(join(workspace, "name"), "utf8")).toBe("a file");
  expect(readFileSync(join(workspace, "there"), "utf8")).toBe("a file");
  expect(readFileSync(target, "utf8")).toBe("untouched");
});

test("putInPlace() refuses hard links to the outside, and copies those to files in the archive", async () => {
  const { workspace, neighbour } = neighbourhood();
  const staged = await put(
    archive(
      { name: "file", content: "content" },
      { name: "same", kind: "hardlink", target: "file" },
      { name: "absolute", kind: "hardlink", target: join(neighbour, "file") },
      { name: "up", kind: "hardlink", target: "../neighbour/file" },
      { name: "link", kind: "symlink", target: join(neighbour, "file") },
      { name: "through", kind: "hardlink", target: "link" },
    ),
    workspace,
  );

  expect(staged.refused.map((one) => one.slice(0, 12))).toEqual([
    '"absolute" i',
    '"up" is not ',
    '"through" is',
  ]);
  expect(readFileSync(join(workspace, "same"), "utf8")).toBe("content");
  expect(readdirSync(workspace)).toEqual(["file", "link", "same"]);
});

test("putInPlace() refuses devices, pipes and sparse files, and reads on correctly", async () => {
  const { workspace } = neighbourhood();
  const staged = await put(
    archive(
      { name: "pipe", type: "6" },
      { name: "character", type: "3" },
      { name: "block", type: "4" },
      { name: "sparse", type: "S", content: "x".repeat(700) },
      { name: "good", content: "good" },
    ),
    workspace,
  );

  expect(staged.refused).toHaveLength(4);
  expect(staged.refused[3]).toBe('"sparse" is not restored: it is not a file, a folder or a link');
  expect(readdirSync(workspace)).toEqual(["good"]);
});

test("putInPlace() drops set-user-id and similar bits from files and folders", async () => {
  const { workspace } = neighbourhood();
  await put(
    archive(
      { name: "tool", mode: 0o6755, content: "x" },
      { name: "folder", kind: "directory", mode: 0o7755 },
    ),
    workspace,
  );

  expect(readTree(workspace).map((line) => line.split(" ").slice(0, 2).join(" "))).toEqual([
    "folder/ 755",
    "tool 755",
  ]);
});

test("putInPlace() refuses names that the file system does not accept", async () => {
  const { workspace } = neighbourhood();
  const staged = await put(
    archive(
      { name: "n".repeat(256), content: "x" },
      { name: `${"d".repeat(300)}/file`, content: "x" },
      { name: Array.from({ length: 30 }, () => "p".repeat(200)).join("/"), content: "x" },
      { name: "file", content: "x" },
      { name: "file/below", content: "x" },
      { name: "file", kind: "directory" },
    ),
    workspace,
  );

  expect(staged.refused.map((one) => one.replace(/^".*" is/s, "").slice(0, 60))).toMatchInlineSnapshot(`
    [
      " not restored: its name is too long for the file system",
      " not restored: its name is too long for the file system",
      " not restored: its name is too long for the file system",
      " not restored: it is below a file of the archive",
      " not restored: the archive has a file or a link of this name",
    ]
  `);
  expect(readdirSync(workspace)).toContain("file");
});

test("putInPlace() reads GNU tar's names, links and times", async () => {
  const { workspace, neighbour } = neighbourhood();
  const source = temporaryDirectory();
  mkdirSync(join(source, "tree", "x".repeat(90), "y".repeat(90)), { recursive: true });
  writeFileSync(join(source, "tree", "x".repeat(90), "y".repeat(90), "z".repeat(90)), "deep");
  symlinkSync("l".repeat(150), join(source, "tree", "link"));
  const before = readTree(source);
  for (const format of ["gnu", "posix"]) {
    const place = join(workspace, format);
    mkdirSync(place);
    await put(execFileSync("tar", ["-C", source, `--format=${format}`, "-cf", "-", "tree"]), place);
    // GNU's own format has whole seconds.
    expect(readTree(place).map(withoutTime)).toEqual(before.map(withoutTime));
  }
  const absolute = execFileSync("tar", ["-cPf", "-", join(neighbour, "file")]);
  const upward = execFileSync("tar", ["-C", workspace, "-cPf", "-", "../neighbour/file"]);
  expect((await put(absolute, workspace)).refused).toHaveLength(1);
  expect((await put(upward, workspace)).refused).toHaveLength(1);
});

function withoutTime(line: string): string {
  return line.replace(/ \d{15,}/, "");
}

test("putInPlace() accepts only links that stay inside under that rule", async () => {
  const { workspace } = neighbourhood();
  const staged = await put(
    archive(
      { name: "a/inside", kind: "symlink", target: "../b" },
      { name: "a/outside", kind: "symlink", target: "../../b" },
      { name: "a/absolute", kind: "symlink", target: "/etc" },
      { name: "a/winding", kind: "symlink", target: "../b/../../c" },
    ),
    workspace,
    "inside",
  );

  expect(staged.refused).toHaveLength(3);
  expect(readdirSync(join(workspace, "a"))).toEqual(["inside"]);
});

test("putInPlace() moves nothing from a truncated archive", async () => {
  const whole = archive({ name: "a", content: "x".repeat(2000) }, { name: "b/c", content: "y" });
  for (let length = 0; length < whole.length - 512; length += 256) {
    const { workspace } = neighbourhood();
    const cut = pieces(whole.subarray(0, length));
    const answer = await putInPlace({ archives: [cut], workspace, links: "all", nowMs: Date.now() });
    expect(answer).toMatchObject({ ok: false, error: { code: "CACHE_DAMAGED" } });
    expect(readdirSync(workspace)).toEqual([]);
  }
});

test("putInPlace() moves nothing when it is cancelled", async () => {
  const { workspace } = neighbourhood();
  const bytes = archive({ name: "a", content: "x" });
  const signal = AbortSignal.abort();
  const answer = await putInPlace({
    archives: [pieces(bytes)],
    workspace,
    links: "all",
    nowMs: Date.now(),
    signal,
  });

  expect(answer).toMatchObject({ ok: false, error: { code: "CACHE_CANCELLED" } });
  expect(readdirSync(workspace)).toEqual([]);
});
