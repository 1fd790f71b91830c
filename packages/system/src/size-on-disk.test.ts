import { mkdirSync, mkdtempSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { expect, onTestFinished, test } from "vitest";
import { sizeOnDisk } from "./size-on-disk.ts";

test("sizeOnDisk() counts names that are no UTF-8, does not follow links, and takes what is not there for nothing", async () => {
  const root = mkdtempSync(join(tmpdir(), "loom-size-"));
  onTestFinished(() => rmSync(root, { recursive: true }));
  mkdirSync(join(root, "in"));
  const empty = await sizeOnDisk(join(root, "in"));
  const file = Buffer.concat([Buffer.from(join(root, "in/")), Buffer.from([0xff])]);
  writeFileSync(file, Buffer.alloc(100_000, "x"));
  expect((await sizeOnDisk(join(root, "in"))) - empty).toBeGreaterThanOrEqual(100_000);
  symlinkSync(join(root, "in"), join(root, "link"));
  expect(await sizeOnDisk(join(root, "link"))).toBeLessThan(100_000);
  expect(await sizeOnDisk(join(root, "none"))).toBe(0);
});
