import { execFileSync } from "node:child_process";
import {
  existsSync,
  mkdirSync,
  readdirSync,
  readFileSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { temporaryDirectory } from "@loom/testkit";
import { currentProcess, type ProcessMark } from "@loom/system";
import { describe, expect, test } from "vitest";
import { claimPath, claimRun, controlSocketPath, forgetClaim, lookAtClaim } from "./claim-run.ts";

const RUN_ID = "loom-run-local-1";

/** A number that no process has: Linux gives out 4,194,304 at most. */
const NOBODY = 4_194_305;

/** The directory of a run that lies where runs do. */
function runDirectory(): string {
  return join(temporaryDirectory(), ".loom/.runtime/logs", RUN_ID);
}

/** A run that is noted as somebody's. */
function claimedBy(mark: Partial<ProcessMark> | string): string {
  const directory = runDirectory();
  mkdirSync(dirname(claimPath(directory)), { recursive: true });
  writeFileSync(claimPath(directory), typeof mark === "string" ? mark : JSON.stringify(mark));
  return directory;
}

const dead: ProcessMark = { ...currentProcess(), pid: NOBODY };
const elsewhere: ProcessMark = { ...currentProcess(), host: "another machine" };

describe("claimRun()", () => {
  test("notes whose the run is, for its owner's eyes only, until it is released", () => {
    const directory = runDirectory();
    const claim = claimRun(directory);
    expect(JSON.parse(readFileSync(claimPath(directory), "utf8"))).toEqual(currentProcess());
    expect(readFileSync(claimPath(directory), "utf8")).toMatch(/\n$/);
    expect(statSync(dirname(claimPath(directory))).mode & 0o777).toBe(0o700);
    expect(lookAtClaim(claimPath(directory))).toMatchObject({ owner: "alive", pid: process.pid });
    if (!claim.ok) expect.fail(claim.error.message);
    expect(claim.value.release()).toBeUndefined();
    expect(readdirSync(dirname(claimPath(directory)))).toEqual([]);
    expect(claim.value.release(), "twice is no mistake").toBeUndefined();
  });

  test("refuses a run that a process has, whatever is asked", () => {
    const directory = claimedBy(currentProcess());
    const refusal = {
      ok: false,
      error: {
        code: "RUN_ALIVE",
        message: `Run "${RUN_ID}" still belongs to process ${process.pid}`,
      },
    };
    expect(claimRun(directory)).toEqual(refusal);
    expect(claimRun(directory, { force: true })).toEqual(refusal);
    expect(lookAtClaim(claimPath(directory))).toMatchObject({ pid: process.pid });
  });

  test("takes over the run of a process that has ended", () => {
    const directory = claimedBy(dead);
    expect(lookAtClaim(claimPath(directory))).toMatchObject({ owner: "dead", pid: NOBODY });
    expect(claimRun(directory).ok).toBe(true);
    expect(lookAtClaim(claimPath(directory))).toMatchObject({ owner: "alive", pid: process.pid });
    expect(readdirSync(dirname(claimPath(directory)))).toEqual([`${RUN_ID}.json`]);
  });

  test.each<[what: string, mark: Partial<ProcessMark> | string, why: string]>([
    [
      "on another machine",
      elsewhere,
      `process ${process.pid} cannot be seen from here (another machine or container, or neither /proc nor ps)`,
    ],
    ["in a note that is cut off", '{"pid": 1', "the note about who runs it cannot be read"],
    ["in an empty note", "", "the note about who runs it cannot be read"],
  ])("takes a run that is claimed %s only by force", (_what, mark, why) => {
    const directory = claimedBy(mark);
    const before = readFileSync(claimPath(directory), "utf8");
    expect(claimRun(directory)).toEqual({
      ok: false,
      error: {
        code: "RUN_OWNER_UNKNOWN",
        message: `Cannot tell whether run "${RUN_ID}" is still running: ${why}. If you know that it is not: loom recover --force ${RUN_ID}`,
      },
    });
    expect(claimRun(directory, { force: false }).ok).toBe(false);
    expect(readFileSync(claimPath(directory), "utf8")).toBe(before);
    expect(claimRun(directory, { force: true }).ok).toBe(true);
    expect(lookAtClaim(claimPath(directory))).toMatchObject({ owner: "alive" });
  });

  test("says that a note which is a folder tells nothing, and why it cannot be replaced by force", () => {
    const directory = runDirectory();
    mkdirSync(claimPath(directory), { recursive: true });
    expect(lookAtClaim(claimPath(directory))).toEqual({ owner: "unknown", text: "" });
    expect(claimRun(directory)).toMatchObject({ error: { code: "RUN_OWNER_UNKNOWN" } });
    expect(claimRun(directory, { force: true })).toMatchObject({ error: { code: "ARTIFACTS_WRITE_FAILED" } });
  });

  test("does not wait for a note that is a named pipe", () => {
    const directory = claimedBy("");
    rmSync(claimPath(directory));
    execFileSync("mkfifo", [claimPath(directory)]);
    expect(lookAtClaim(claimPath(directory))).toEqual({ owner: "unknown", text: "" });
    expect(claimRun(directory)).toMatchObject({ ok: false, error: { code: "RUN_OWNER_UNKNOWN" } });
  });

  test("says why nothing can be noted", () => {
    const directory = runDirectory();
    mkdirSync(dirname(dirname(dirname(directory))), { recursive: true });
    writeFileSync(dirname(dirname(directory)), "");
    const refused = claimRun(directory);
    expect(refused).toMatchObject({ ok: false, error: { code: "ARTIFACTS_WRITE_FAILED" } });
    expect(refused.ok ? "" : refused.error.message).toContain("(ENOTDIR)");
  });

  test("notes it in the run's own directory when that lies elsewhere, as a copy does", () => {
    const directory = join(temporaryDirectory(), "copy");
    mkdirSync(directory);
    expect(claimPath(directory)).toBe(join(directory, ".claim.json"));
    const claim = claimRun(directory);
    expect(readdirSync(directory)).toEqual([".claim.json"]);
    if (!claim.ok) expect.fail(claim.error.message);
    expect(claim.value.release()).toBeUndefined();
    expect(readdirSync(directory)).toEqual([]);
  });

  test("gives up where something that cannot be seen takes the place each time", () => {
    const directory = runDirectory();
    mkdirSync(dirname(claimPath(directory)), { recursive: true });
    symlinkSync("nowhere", claimPath(directory));
    expect(claimRun(directory)).toEqual({
      ok: false,
      error: { code: "RUN_ALIVE", message: `Run "${RUN_ID}" is being closed by another process` },
    });
  });

  test("removes the note of a process that was killed before it had placed it", () => {
    const directory = runDirectory();
    const active = dirname(claimPath(directory));
    mkdirSync(active, { recursive: true });
    writeFileSync(join(active, ".loom-run-local-1.json.4242.tmp"), "{");
    writeFileSync(join(active, ".loom-run-local-12.json.4242.tmp"), "{");
    const claim = claimRun(directory);
    expect(readdirSync(active).toSorted()).toEqual([
      ".loom-run-local-12.json.4242.tmp",
      "loom-run-local-1.json",
    ]);
    if (!claim.ok) expect.fail(claim.error.message);
    claim.value.release();
    expect(readdirSync(active)).toEqual([".loom-run-local-12.json.4242.tmp"]);
  });
});

describe("lookAtClaim()", () => {
  test("sees nobody where there is no note", () => {
    expect(lookAtClaim(claimPath(runDirectory()))).toBeUndefined();
  });

  test("cannot tell whose a note is that cannot be opened", () => {
    const directory = runDirectory();
    mkdirSync(dirname(claimPath(directory)), { recursive: true });
    symlinkSync(`${RUN_ID}.json`, claimPath(directory));
    expect(lookAtClaim(claimPath(directory))).toEqual({ owner: "unknown", text: "" });
  });

  test("returns what is noted, readable or not", () => {
    const text = JSON.stringify(elsewhere);
    expect(lookAtClaim(claimPath(claimedBy(text)))).toEqual({ owner: "unknown", pid: process.pid, text });
    expect(lookAtClaim(claimPath(claimedBy("[]")))).toEqual({ owner: "unknown", text: "[]" });
  });
});

describe("forgetClaim()", () => {
  test("removes the note, and is content where there is none", () => {
    const directory = claimedBy(dead);
    expect(forgetClaim(directory)).toBeUndefined();
    expect(existsSync(claimPath(directory))).toBe(false);
    expect(forgetClaim(directory)).toBeUndefined();
    expect(forgetClaim(runDirectory()), "not even the folder is there").toBeUndefined();
  });

  test("removes what a process had begun to note, and nobody else's", () => {
    const directory = claimedBy(dead);
    const active = dirname(claimPath(directory));
    writeFileSync(join(active, ".loom-run-local-1.json.4242.tmp"), "{");
    writeFileSync(join(active, ".loom-run-local-12.json.4242.tmp"), "{");
    expect(forgetClaim(directory)).toBeUndefined();
    expect(readdirSync(active)).toEqual([".loom-run-local-12.json.4242.tmp"]);
  });

  test("removes the socket of the control channel that a killed process left", () => {
    const directory = claimedBy(dead);
    const socket = controlSocketPath(directory) ?? "";
    expect(socket).toBe(claimPath(directory).replace(/json$/u, "sock"));
    writeFileSync(socket, "");
    expect(forgetClaim(directory)).toBeUndefined();
    expect(existsSync(socket)).toBe(false);
    expect(controlSocketPath(join(temporaryDirectory(), "copy"))).toBeUndefined();
  });

  test("says why the note is still there", () => {
    const directory = runDirectory();
    mkdirSync(claimPath(directory), { recursive: true });
    expect(forgetClaim(directory)).toMatchObject({ code: "ARTIFACTS_WRITE_FAILED" });
  });
});
