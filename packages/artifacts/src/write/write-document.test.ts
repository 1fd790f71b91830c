import { mkdirSync, readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { readTree } from "../../test/read-tree.ts";
import { WatchedDisk, type DiskCall } from "../../test/watched-disk.ts";
import { writeDocument } from "./write-document.ts";

test("writeDocument() puts a document in place of the one before", () => {
  const path = join(temporaryDirectory(), "summary.json");
  writeFileSync(path, "the one before");
  expect(writeDocument(path, "{}\n")).toBeUndefined();
  expect(readFileSync(path, "utf8")).toBe("{}\n");
});

test("writeDocument() returns why the system refused", () => {
  const directory = temporaryDirectory();
  expect(writeDocument(join(directory, "nowhere/summary.json"), "{}\n")).toMatchObject({ code: "ENOENT" });
  mkdirSync(join(directory, "summary.json"));
  expect(writeDocument(join(directory, "summary.json"), "{}\n")).toMatchObject({ code: "EISDIR" });
  expect(readTree(directory)).toEqual({ "summary.json/": "" });
});

test.each<DiskCall["kind"]>(["writeFile", "rename"])(
  "writeDocument() leaves the document before as it was, and nothing else, when a %s is refused",
  (kind) => {
    const directory = temporaryDirectory();
    const path = join(directory, "summary.json");
    writeFileSync(path, "the one before");
    const disk = new WatchedDisk();
    disk.refuse("ENOSPC", (call) => call.kind === kind);
    expect(writeDocument(path, "{}\n", disk)).toMatchObject({ code: "ENOSPC" });
    expect(readTree(directory)).toEqual({ "summary.json": "the one before" });
  },
);

test("writeDocument() throws a bug on", () => {
  const disk = new WatchedDisk();
  disk.rename = () => {
    throw new TypeError("a bug");
  };
  expect(() => writeDocument(join(temporaryDirectory(), "summary.json"), "{}\n", disk)).toThrow("a bug");
});
