import { cpSync, mkdirSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { runIdentity } from "@loom/core";
import { expect, onTestFinished, test } from "vitest";
import { documentsAreThere } from "./documents-are-there.ts";
import { readTornEnd } from "./read-torn-end.ts";
import { removeTemporaryFiles } from "./remove-temporary-files.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "loom-recovery-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

test.each([
  ["one\ntwo\nthr", 8, "thr"],
  ["é\nü", 3, "ü"],
  ["no end", 0, "no end"],
  [`${"x".repeat(600 * 1024)}\nend`, 600 * 1024 + 1, "end"],
])(
  "readTornEnd() finds the last line of a file that does not end with a newline",
  (text, wholeBytes, rest) => {
    const path = join(folder(), "events.jsonl");
    writeFileSync(path, text);
    expect(readTornEnd(path, Buffer.byteLength(text))).toEqual({ wholeBytes, rest });
  },
);

test("readTornEnd() reads as much of a line without a beginning as a record can have", () => {
  const path = join(folder(), "events.jsonl");
  writeFileSync(path, "x".repeat(600 * 1024));
  const { wholeBytes, rest } = readTornEnd(path, 600 * 1024);
  expect([wholeBytes, rest.length]).toEqual([88 * 1024, 512 * 1024]);
});

test("readTornEnd() leaves no file open", () => {
  const path = join(folder(), "events.jsonl");
  writeFileSync(path, "no end");
  const openFiles = (): number => readdirSync("/dev/fd").length;
  const before = openFiles();
  readTornEnd(path, 6);
  expect(openFiles()).toBe(before);
});

test("documentsAreThere() asks for each document of a run, and for a receipt where runs have one", () => {
  const directory = join(folder(), ".loom/.runtime/logs/run");
  const identity = runIdentity(1n);
  mkdirSync(join(directory, "pipeline"), { recursive: true });
  mkdirSync(join(directory, "../../receipts"));
  const documents = ["phase-report.json", "pipeline/manifest.json", "pipeline/summary.json", "summary.json"];
  for (const name of documents) writeFileSync(join(directory, name), "");
  const elsewhere = join(folder(), "run");
  cpSync(directory, elsewhere, { recursive: true });
  expect(documentsAreThere(elsewhere, identity)).toBe(true);
  expect(documentsAreThere(directory, identity)).toBe(false);
  writeFileSync(join(directory, "../../receipts", `${identity.runId}.json`), "");
  expect(documentsAreThere(directory, identity)).toBe(true);
  for (const name of documents) {
    rmSync(join(directory, name));
    expect(documentsAreThere(directory, identity)).toBe(false);
    writeFileSync(join(directory, name), "");
  }
});

test("removeTemporaryFiles() removes what a document lies in until it is whole, at any depth, and nothing else", () => {
  const directory = folder();
  mkdirSync(join(directory, "jobs/a/.summary.json.7.tmp"), { recursive: true });
  const names = [".summary.json.12.tmp", "jobs/a/.manifest.json.1.tmp", "jobs/a/summary.json"];
  const others = [
    ".summary.json.tmp",
    ".summary.json.x.tmp",
    ".7.tmp",
    "a.summary.json.7.tmp",
    ".summary.json.7.tmp.x",
  ];
  for (const name of [...names, ...others]) writeFileSync(join(directory, name), "");
  removeTemporaryFiles(directory);
  expect(readdirSync(directory).toSorted()).toEqual(["jobs", ...others].toSorted());
  expect(readdirSync(join(directory, "jobs/a")).toSorted()).toEqual([".summary.json.7.tmp", "summary.json"]);
});
