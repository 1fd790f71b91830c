import {
  mkdirSync,
  readdirSync,
  readFileSync,
  statSync,
  statfsSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { expect, onTestFinished, test } from "vitest";
import { secretsInMemory } from "./open-secrets.ts";
import { isInMemory, removeLeftFiles, removeSecretFiles, writeSecretFiles } from "./secret-files.ts";

const VALUES = new Map([["KEY", "hunter22"]]);

test("writeSecretFiles() uses the given folder, made when missing, where nothing is in memory", () => {
  const folder = join(temporaryDirectory(), "a/b");
  const files = writeSecretFiles(VALUES, { owner: "run", memory: ["/", "/nowhere"], folder });
  expect(dirname(files.folder)).toBe(folder);
  expect(statSync(folder).mode & 0o777).toBe(0o700);
  expect(readFileSync(files.paths.get("KEY") ?? "", "utf8")).toBe("hunter22");
});

test("secretsInMemory() is a folder in which they really are, if there is one", () => {
  const place = secretsInMemory({ XDG_RUNTIME_DIR: "/" });
  if (place === undefined) return expect(isInMemory("/dev/shm")).toBe(false);
  expect(isInMemory(place)).toBe(true);
  const files = writeSecretFiles(VALUES, { owner: "run", memory: [place], folder: temporaryDirectory() });
  onTestFinished(() => removeSecretFiles(files.folder));
  expect(dirname(files.folder)).toBe(place);
});

test("isInMemory() is false for a folder that is not there, and for one on a disk", () => {
  expect(isInMemory("/nowhere")).toBe(false);
  expect(isInMemory("/")).toBe(false);
});

test("writeSecretFiles() prefers memory, where there is any", () => {
  const memory = temporaryDirectory();
  const folder = temporaryDirectory();
  const files = writeSecretFiles(VALUES, { owner: "run", memory: ["/nowhere", memory], folder });
  const isInMemory = statfsSync(memory).type === 0x0102_1994;
  expect(dirname(files.folder)).toBe(isInMemory ? memory : folder);
});

test("writeSecretFiles() leaves nothing behind when a file cannot be written", () => {
  const folder = temporaryDirectory();
  const places = { owner: "run", memory: [folder], folder };
  expect(() => writeSecretFiles(new Map([["no/where", "hunter22"]]), places)).toThrow("ENOENT");
  expect(readdirSync(folder)).toEqual([]);
});

// Not even root may remove what is there.
test.runIf(process.platform === "linux")("removeSecretFiles() reports what cannot be removed", () => {
  expect(() => removeSecretFiles("/proc/self/fdinfo")).toThrow(/EPERM|EACCES|not permitted/);
});

test("removeLeftFiles() removes the folders of one owner, in every place, and nothing else", () => {
  const [memory, folder, other] = [temporaryDirectory(), temporaryDirectory(), temporaryDirectory()];
  const places = { owner: "run-1", memory: [memory, "/nowhere"], folder };
  writeSecretFiles(VALUES, { owner: "run-1", memory: [], folder: memory });
  writeSecretFiles(VALUES, { owner: "run-1", memory: [], folder });
  writeSecretFiles(VALUES, { owner: "run-12", memory: [], folder });
  mkdirSync(join(folder, "loom-secrets-run-1-more-than-that"));
  writeFileSync(join(folder, "loom-secrets-run-1-afile0"), "");
  symlinkSync(other, join(folder, "loom-secrets-run-1-alink0"));
  removeLeftFiles(places);
  expect(readdirSync(memory)).toEqual([]);
  expect(readdirSync(folder).map((name) => name.replace(/^(loom-secrets-run-12-).{6}$/u, "$1"))).toEqual([
    "loom-secrets-run-1-afile0",
    "loom-secrets-run-1-alink0",
    "loom-secrets-run-1-more-than-that",
    "loom-secrets-run-12-",
  ]);
});
