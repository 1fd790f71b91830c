import { existsSync, mkdirSync, readFileSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, test } from "vitest";
import { SYSTEM_DISK } from "./disk.ts";

const modeOf = (path: string): number => statSync(path).mode & 0o777;

test("the disk of this machine appends to a file, which is for its owner only", () => {
  const path = join(temporaryDirectory(), "events.jsonl");
  for (const word of ["one ", "two "]) {
    const descriptor = SYSTEM_DISK.openToAppend(path);
    expect(SYSTEM_DISK.write(descriptor, Buffer.from(`not this ${word}`), 9, 4)).toBe(4);
    SYSTEM_DISK.close(descriptor);
    expect(() => SYSTEM_DISK.close(descriptor)).toThrow("EBADF");
  }
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["one two ", 0o600]);
});

test("the disk of this machine makes one directory, which is for its owner only", () => {
  const path = join(temporaryDirectory(), "jobs");
  expect(() => SYSTEM_DISK.makeDirectory(join(path, "a"))).toThrow("ENOENT");
  SYSTEM_DISK.makeDirectory(path);
  expect(modeOf(path)).toBe(0o700);
  expect(() => SYSTEM_DISK.makeDirectory(path)).toThrow("EEXIST");
});

test("the disk of this machine writes a file in place of what it held, for its owner only", () => {
  const path = join(temporaryDirectory(), "summary.json");
  SYSTEM_DISK.writeFile(path, "a longer text");
  SYSTEM_DISK.writeFile(path, "text");
  expect([readFileSync(path, "utf8"), modeOf(path)]).toEqual(["text", 0o600]);
});

test("the disk of this machine moves a file over another", () => {
  const [from, to] = [join(temporaryDirectory(), "a"), join(temporaryDirectory(), "b")];
  writeFileSync(from, "new");
  writeFileSync(to, "old");
  SYSTEM_DISK.rename(from, to);
  expect([existsSync(from), readFileSync(to, "utf8")]).toEqual([false, "new"]);
});

test("the disk of this machine removes a file, minds none that is missing, and no directory", () => {
  const directory = temporaryDirectory();
  const path = join(directory, "a");
  writeFileSync(path, "");
  SYSTEM_DISK.remove(path);
  expect(existsSync(path)).toBe(false);
  SYSTEM_DISK.remove(path);
  mkdirSync(path);
  expect(() => SYSTEM_DISK.remove(path)).toThrow(/EISDIR|EPERM/);
  expect(existsSync(path)).toBe(true);
});
