import {
  closeSync,
  mkdirSync,
  openSync,
  readFileSync,
  renameSync,
  rmSync,
  writeFileSync,
  writeSync,
} from "node:fs";
import { join } from "node:path";
import { openRun, type Disk } from "@loom/artifacts";
import { epochMs } from "@loom/core";
import { expect, test } from "vitest";
import { brokenRun, IDENTITY, indexOf } from "../test/broken-run.ts";
import { closeRun } from "./close-run.ts";
import { readRun } from "./read-past-run.ts";

const LAST = /"phase_finish".*"run\.finalize"/;

/** Refuses the last record of a run. */
const FULL_DISK: Disk = {
  openToAppend: (path) => openSync(path, "a"),
  write: (descriptor, bytes, offset, length) => {
    if (LAST.test(Buffer.from(bytes).toString("utf8", offset, offset + length))) {
      throw Object.assign(new Error("ENOSPC"), { code: "ENOSPC" });
    }
    return writeSync(descriptor, bytes, offset, length);
  },
  close: closeSync,
  makeDirectory: (path) => mkdirSync(path),
  writeFile: (path, text) => writeFileSync(path, text),
  rename: renameSync,
  remove: (path) => rmSync(path, { force: true }),
};

test("closeRun() says that the last record of a run cannot be written", async () => {
  const directory = brokenRun(indexOf({ event: "phase_start", phase_code: "job.execution" }) + 1);
  const run = await openRun(directory);
  const past = run.ok ? await readRun(run.value) : run;
  if (!past.ok) throw new Error(past.error.message);
  const closing = { identity: IDENTITY, past: past.value, nowMs: epochMs(1_900_000_000_000) };
  expect(closeRun(directory, { ...closing, disk: FULL_DISK })).toMatchObject({
    ok: false,
    error: { code: "ARTIFACTS_WRITE_FAILED" },
  });
  expect(readFileSync(join(directory, "events.jsonl"), "utf8")).not.toMatch(LAST);
});
