import { existsSync, readFileSync, rmSync } from "node:fs";
import { join } from "node:path";
import { batchOf, temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { WatchedDisk } from "../../test/watched-disk.ts";
import { ByteBuffer } from "../codec/byte-buffer.ts";
import { BufferPool } from "./buffer-pool.ts";
import { Directories } from "./directories.ts";
import { EventFile } from "./event-file.ts";

/** What a stream that the disk refuses keeps in memory. */
const MOST_STALLED = 4 * 1024 * 1024;

function arrange(): {
  readonly disk: WatchedDisk;
  readonly root: string;
  readonly buffers: BufferPool;
  readonly file: EventFile;
  readonly text: () => string;
} {
  const disk = new WatchedDisk();
  const root = `${temporaryDirectory()}/run/`;
  const buffers = new BufferPool();
  const path = `${root}pipeline/events.jsonl`;
  const file = new EventFile({
    disk,
    path,
    streamPath: "pipeline/events.jsonl",
    directory: "pipeline/",
    directories: new Directories(disk, root),
    buffers,
  });
  return { disk, root, buffers, file, text: () => readFileSync(path, "utf8") };
}

test("a stream knows where it is", () => {
  const { file, root } = arrange();
  expect([file.path, file.streamPath]).toEqual([
    join(root, "pipeline/events.jsonl"),
    "pipeline/events.jsonl",
  ]);
});

test("a stream counts its lines and what waits in memory, and makes nothing before it is flushed", () => {
  const { file, root, text } = arrange();
  expect([file.lines, file.pendingBytes]).toEqual([0, 0]);
  expect([file.append("one"), file.append("three"), file.append("é")]).toEqual([4, 6, 3]);
  expect([file.lines, file.pendingBytes, existsSync(root)]).toEqual([3, 13, false]);
  expect(file.flush()).toBeUndefined();
  expect([file.lines, file.pendingBytes, text()]).toEqual([3, 0, "one\nthree\né\n"]);
});

test("a stream tells how many bytes lines of output became, whatever waits before them", () => {
  const { file, text } = arrange();
  const first = file.appendLines(batchOf(["x", "y"]));
  const second = file.appendLines(batchOf(["z"], { firstSeq: 3 }));
  expect([file.lines, first, second]).toEqual([3, 2 * (second ?? 0), (first ?? 0) / 2]);
  file.flush();
  expect(text().length).toBe((first ?? 0) + (second ?? 0));
  expect(
    text()
      .trimEnd()
      .split("\n")
      .map((line) => (JSON.parse(line) as { text: string }).text),
  ).toEqual(["x", "y", "z"]);
});

test("a stream with nothing to write opens no file", () => {
  const { file, disk } = arrange();
  expect(file.flush()).toBeUndefined();
  file.close();
  expect(disk.calls).toEqual([]);
});

test("a stream is written whole by a disk that takes a few bytes at a time", () => {
  const { file, disk, text } = arrange();
  disk.mostAtOnce = 10;
  file.append("a line of more than ten bytes");
  expect(file.flush()).toBeUndefined();
  expect(text()).toBe("a line of more than ten bytes\n");
});

test("a stream writes as much as it is told, and keeps the rest for the next time", () => {
  const { file, text } = arrange();
  file.append("one");
  file.append("two");
  file.flush(4);
  expect([text(), file.pendingBytes]).toEqual(["one\n", 4]);
  file.append("three");
  file.flush();
  expect(text()).toBe("one\ntwo\nthree\n");
});

test("what a disk refuses in the middle stays, and is written once", () => {
  const { file, disk, text } = arrange();
  disk.mostAtOnce = 10;
  file.append("a line of more than ten bytes");
  disk.refuse("ENOSPC", ({ kind }) => kind === "write" && disk.pathsOf("write").length === 3);
  expect(file.flush()).toMatchObject({ code: "ENOSPC" });
  expect([text(), file.pendingBytes]).toEqual(["a line of more than ", 10]);
  file.append("another");
  expect(file.flush()).toBeUndefined();
  expect(text()).toBe("a line of more than ten bytes\nanother\n");
});

test("a bug is no refusal", () => {
  const { file, disk } = arrange();
  disk.write = () => {
    throw new TypeError("a bug");
  };
  file.append("one");
  expect(() => file.flush()).toThrow("a bug");
});

test("a stream whose directory was removed makes it again after it has failed once", () => {
  const { file, root, text } = arrange();
  file.append("one");
  file.flush();
  file.close();
  rmSync(root, { recursive: true });
  file.append("two");
  expect(file.flush()).toMatchObject({ code: "ENOENT" });
  expect(file.flush()).toBeUndefined();
  expect(text()).toBe("two\n");
});

test("a stream keeps its handle until it is closed, and opens its file again for more", () => {
  const { file, disk, text } = arrange();
  file.append("one");
  file.flush();
  file.append("two");
  file.flush();
  expect([disk.openFiles.length, disk.pathsOf("open").length]).toEqual([1, 1]);
  file.close();
  file.close();
  expect(disk.openFiles).toEqual([]);
  file.append("three");
  file.flush();
  file.close();
  expect([disk.openFiles.length, text()]).toEqual([0, "one\ntwo\nthree\n"]);
});

test("a stream gives its memory back once all is written, and not before", () => {
  const { file, buffers } = arrange();
  const buffer = new ByteBuffer();
  buffers.release(buffer);
  file.append("one");
  file.append("two");
  file.flush(4);
  expect(buffers.take()).not.toBe(buffer);
  file.flush();
  expect(buffers.take()).toBe(buffer);
});

test("a stream that was never refused takes output without end", () => {
  const { file } = arrange();
  file.append("x".repeat(MOST_STALLED));
  expect(file.appendLines(batchOf(["more"]))).toBeGreaterThan(0);
});

test.each([
  {
    title: "was refused",
    stall: ({ file, disk }: ReturnType<typeof arrange>) => {
      disk.refuse("ENOSPC", ({ kind }) => kind === "write");
      file.flush();
    },
  },
  { title: "waits for another", stall: ({ file }: ReturnType<typeof arrange>) => file.hold() },
])("a stream that $title takes output up to 4 MiB, and more once the disk took that", ({ stall }) => {
  const arranged = arrange();
  const { file, disk, text } = arranged;
  file.append("x".repeat(MOST_STALLED - 1));
  stall(arranged);
  expect(file.pendingBytes).toBe(MOST_STALLED);
  const last = file.appendLines(batchOf(["the last"])) ?? 0;
  expect(last).toBeGreaterThan(0);
  expect(file.appendLines(batchOf(["too much"]))).toBeUndefined();
  expect([file.lines, file.pendingBytes]).toEqual([2, MOST_STALLED + last]);
  // Records are never lost.
  file.append("a record");
  disk.allowAll();
  expect(file.flush()).toBeUndefined();
  file.append("x".repeat(MOST_STALLED));
  expect(file.appendLines(batchOf(["more"]))).toBeGreaterThan(0);
  file.flush();
  expect(text()).not.toContain("too much");
  expect(text()).toContain("a record\n");
});
