import { mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { describe, expect, onTestFinished, test } from "vitest";
import { nameOfTemporary, placeFile, replaceFile } from "./atomic-file.ts";

function folder(): string {
  const path = mkdtempSync(join(tmpdir(), "loom-file-"));
  onTestFinished(() => rmSync(path, { recursive: true }));
  return path;
}

describe("replaceFile()", () => {
  test("replaces what was there, for the owner only", () => {
    const path = join(folder(), "a.json");
    replaceFile(path, "one");
    replaceFile(path, "two");
    expect(readFileSync(path, "utf8")).toBe("two");
    expect(statSync(path).mode & 0o777).toBe(0o600);
  });

  test("leaves nothing behind when it cannot, and throws the first failure", () => {
    const root = folder();
    mkdirSync(join(root, "taken"));
    expect(() => replaceFile(join(root, "taken"), "x")).toThrow("EISDIR");
    expect(readdirSync(root)).toEqual(["taken"]);
    expect(() => replaceFile(join(root, "none/a"), "x")).toThrow("ENOENT");
  });

  test("writes under a name that tells which file it was to become", () => {
    const seen: string[] = [];
    const calls = {
      writeFile: (path: string): void => void seen.push(path.slice(path.lastIndexOf("/") + 1)),
      rename: (): void => {},
      remove: (): void => {},
    };
    replaceFile("/x/a.json", "one", calls);
    expect(seen.map(nameOfTemporary)).toEqual(["a.json"]);
    expect(["a.json", ".a.json", ".a.tmp", ".a.x.tmp"].map(nameOfTemporary)).toEqual(
      Array(4).fill(undefined),
    );
  });
});

describe("placeFile()", () => {
  test("leaves a file that is there as it is", () => {
    const root = folder();
    expect(placeFile(join(root, "a"), "one")).toBe(true);
    expect(placeFile(join(root, "a"), "two")).toBe(false);
    expect(readFileSync(join(root, "a"), "utf8")).toBe("one");
    expect(readdirSync(root)).toEqual(["a"]);
  });

  test("throws where it cannot write, and leaves nothing behind", () => {
    const root = folder();
    writeFileSync(join(root, "file"), "");
    expect(() => placeFile(join(root, "file/a"), "x")).toThrow("ENOTDIR");
    expect(() => placeFile(join(root, "none/a"), "x")).toThrow("ENOENT");
    expect(readdirSync(root)).toEqual(["file"]);
  });
});
