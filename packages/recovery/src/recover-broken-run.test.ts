import {
  cpSync,
  existsSync,
  mkdirSync,
  readFileSync,
  readdirSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  truncateSync,
  writeFileSync,
} from "node:fs";
import { dirname, join } from "node:path";
import { epochMs } from "@loom/core";
import { judgeRunDirectory } from "@loom/phase-validator/directory";
import { currentProcess } from "@loom/system";
import { expect, test } from "vitest";
import { brokenRun, filesOf, IDENTITY, indexOf, WHOLE } from "../test/broken-run.ts";
import { recoverRun, type RecoverOptions } from "./recover-run.ts";

const NOW = epochMs(1_900_000_000_000);
const RECEIPT = `../../receipts/${IDENTITY.runId}.json`;
const CLAIM = `../../active/${IDENTITY.runId}.json`;
const STEP = "jobs/build/user/execution/script/01/events.jsonl";
const MIRROR = "jobs/build/user/execution/events.jsonl";

/** What a recovery answers that leaves a run without violations. */
async function recovered(directory: string, options: Partial<RecoverOptions> = {}): Promise<unknown> {
  const found = await recoverRun(directory, { nowMs: NOW, ...options });
  const report = judgeRunDirectory(directory, { checkedAt: "2030-01-01T00:00:00.000Z" });
  expect(report.ok && report.value.violations).toEqual([]);
  return found;
}

function recoveredAs(directory: string, kind: "recovered" | "completed"): unknown {
  const receiptPath = join(directory, RECEIPT);
  return { ok: true, value: { identity: IDENTITY, kind, verdict: "valid", receiptPath } };
}

const FOUND_CLOSED = { ok: true, value: { identity: IDENTITY, kind: "closed" } };

/** The lines of a stream that were not there before. */
function added(directory: string, path: string, before: ReadonlyMap<string, string>): readonly string[] {
  const lines = readFileSync(join(directory, path), "utf8").trimEnd().split("\n");
  return lines.filter((line) => !(before.get(path) ?? "").includes(line));
}

function json(directory: string, path: string): unknown {
  return JSON.parse(readFileSync(join(directory, path), "utf8").replaceAll(directory, "<run>"));
}

/** How much of the run there is when the first step of the second attempt is under way. */
const IN_STEP = indexOf({ event: "phase_start", phase_code: "step.script", step: 1, attempt: 2 }) + 2;

test("recoverRun() closes what was open, says why, and writes the documents and the receipt", async () => {
  const directory = brokenRun(IN_STEP);
  const before = filesOf(directory);
  await recovered(directory);
  expect({
    run: added(directory, "events.jsonl", before),
    pipeline: added(directory, "pipeline/events.jsonl", before),
    build: added(directory, "jobs/build/events.jsonl", before),
    step: added(directory, STEP, before),
    mirror: added(directory, MIRROR, before),
    documents: [...filesOf(directory).keys()].filter((path) => !before.has(path)),
    output: json(directory, STEP.replace("events.jsonl", "summary.json")),
    summary: json(directory, "summary.json"),
    receipt: json(directory, RECEIPT),
  }).toMatchSnapshot();
});

test("recoverRun() writes the documents of a run that closed without them, and no record", async () => {
  const directory = brokenRun(WHOLE.length);
  const before = filesOf(directory);
  expect(await recovered(directory)).toEqual(recoveredAs(directory, "completed"));
  const after = filesOf(directory);
  const streams = [...before].filter(([path]) => path.endsWith(".jsonl"));
  expect(streams.map(([path]) => [path, after.get(path)])).toEqual(streams);
  expect(json(directory, "summary.json")).toMatchObject({ status: "success", exit_code: 0 });
  expect(json(directory, RECEIPT)).toMatchObject({ executor_receipt: { concurrency: 3 } });
  expect(await recovered(directory)).toEqual(FOUND_CLOSED);
  rmSync(join(directory, RECEIPT));
  expect(await recovered(directory)).toEqual(recoveredAs(directory, "completed"));
});

test("recoverRun() puts a note in the place of a line of output that never reached the disk", async () => {
  const lost = IN_STEP;
  const directory = brokenRun(IN_STEP + 1, (seq) => seq !== lost);
  const before = filesOf(directory);
  expect(await recovered(directory)).toEqual(recoveredAs(directory, "recovered"));
  // The recovery begins the second step, as the run would have, before it says that it was interrupted.
  const [note, why] = added(directory, "events.jsonl", before).map((line) => JSON.parse(line) as unknown);
  expect(note).toMatchObject({ seq: lost, level: "warn", lost: true });
  expect(why).toMatchObject({ seq: IN_STEP + 3, level: "error" });
});

test("recoverRun() keeps the beginning of each line that was cut off, in a note", async () => {
  const directory = brokenRun(IN_STEP);
  const text = readFileSync(join(directory, STEP), "utf8");
  truncateSync(join(directory, STEP), text.length - 5);
  const mirror = readFileSync(join(directory, MIRROR), "utf8");
  truncateSync(join(directory, MIRROR), mirror.length - 5);
  expect(await recovered(directory)).toEqual(recoveredAs(directory, "recovered"));
  const notes = readFileSync(join(directory, "events.jsonl"), "utf8")
    .split("\n")
    .filter((line) => line.includes("cut off;"))
    .map((line) => JSON.parse(line) as { readonly stream: string; readonly text: string });
  const last = (whole: string): string => (whole.trimEnd().split("\n").at(-1) ?? "").slice(0, -4);
  expect(notes.map(({ stream, text: rest }) => [stream, rest])).toEqual([
    [MIRROR, last(mirror)],
    [STEP, last(text)],
  ]);
  expect(readFileSync(join(directory, MIRROR), "utf8").startsWith(mirror)).toBe(true);
});

test("recoverRun() makes a mirror that is gone, lacks a record or has another", async () => {
  const whole = brokenRun(IN_STEP);
  const mirror = readFileSync(join(whole, MIRROR), "utf8");
  const lines = mirror.trimEnd().split("\n");
  const others = [
    undefined,
    "",
    `${lines.slice(1).join("\n")}\n`,
    `${[...lines.slice(0, -1), lines[0]].join("\n")}\n`,
    `${mirror}${lines.at(-1)}\n`,
  ];
  for (const other of others) {
    const directory = brokenRun(IN_STEP);
    rmSync(join(directory, MIRROR));
    if (other !== undefined) writeFileSync(join(directory, MIRROR), other);
    expect(await recovered(directory)).toEqual(recoveredAs(directory, "recovered"));
    const now = readFileSync(join(directory, MIRROR), "utf8");
    expect(now.startsWith(mirror)).toBe(true);
    expect(now.split("\n").filter((line) => line === lines.at(-1))).toHaveLength(1);
  }
});

test("recoverRun() goes on with a mirror that is whole", async () => {
  const directory = brokenRun(IN_STEP);
  const { ino } = statSync(join(directory, MIRROR));
  await recovered(directory);
  expect(statSync(join(directory, MIRROR)).ino).toBe(ino);
});

test("recoverRun() removes what was half written, and nothing of a job's artifacts", async () => {
  const directory = brokenRun(IN_STEP);
  const half = [
    ".summary.json.12.tmp",
    "jobs/build/artifacts.part/out/.a.json.12.tmp",
    "jobs/lint/artifacts.tar.gz.part",
  ];
  const kept = ["jobs/build/artifacts/.a.json.12.tmp", "jobs/build/artifacts.tar.gz"];
  for (const path of [...half, ...kept]) {
    mkdirSync(dirname(join(directory, path)), { recursive: true });
    writeFileSync(join(directory, path), "");
  }
  await recovered(directory);
  expect([...half, ...kept].filter((path) => existsSync(join(directory, path)))).toEqual(kept);
  expect(existsSync(join(directory, "jobs/build/artifacts.part"))).toBe(false);
});

test("recoverRun() goes by the records of a run that has another name, which gets no receipt", async () => {
  const directory = join(dirname(brokenRun(IN_STEP)), "../../../copy");
  cpSync(join(directory, "../.loom/.runtime/logs", IDENTITY.runId), directory, { recursive: true });
  expect(await recovered(directory)).toStrictEqual({
    ok: true,
    value: { identity: IDENTITY, kind: "recovered", verdict: "valid" },
  });
  expect(await recovered(directory)).toEqual(FOUND_CLOSED);
  expect(readdirSync(dirname(directory))).not.toContain("receipts");
});

test("recoverRun() leaves alone whose owner may live, unless it is forced", async () => {
  const directory = brokenRun(IN_STEP);
  const claim = join(directory, CLAIM);
  mkdirSync(dirname(claim), { recursive: true });
  writeFileSync(claim, JSON.stringify({ ...currentProcess(), host: "another machine" }));
  const before = filesOf(directory);
  for (const force of [{}, { force: false }]) {
    expect(await recoverRun(directory, { nowMs: NOW, ...force })).toMatchObject({
      ok: false,
      error: { code: "RUN_OWNER_UNKNOWN" },
    });
  }
  expect(filesOf(directory)).toEqual(before);
  expect(await recovered(directory, { force: true })).toEqual(recoveredAs(directory, "recovered"));
  expect(existsSync(claim)).toBe(false);
});

test("recoverRun() forgets that a run which has closed is open, of a process that is gone only", async () => {
  const directory = brokenRun(IN_STEP);
  await recovered(directory);
  const claim = join(directory, CLAIM);
  const gone = JSON.stringify({ ...currentProcess(), pid: 2 ** 30 });
  writeFileSync(join(dirname(claim), "loom-run-local-1.json"), gone);
  writeFileSync(claim, JSON.stringify(currentProcess()));
  expect(await recovered(directory)).toEqual(FOUND_CLOSED);
  expect(existsSync(claim)).toBe(true);
  writeFileSync(claim, gone);
  expect(await recovered(directory)).toEqual(FOUND_CLOSED);
  expect(existsSync(claim)).toBe(false);
});

test("recoverRun() refuses a run whose records cannot be, and one that leads elsewhere", async () => {
  const odd = brokenRun(IN_STEP);
  const states = join(odd, "pipeline/events.jsonl");
  writeFileSync(states, readFileSync(states, "utf8").replace('"to":"ready"', '"to":"success"'));
  expect(await recoverRun(odd, { nowMs: NOW })).toMatchInlineSnapshot(`
    {
      "error": {
        "code": "RUN_NOT_REPLAYABLE",
        "message": "Cannot recover "loom-run-local-1767225600000000000": Record 7 (job_state) does not follow from the records before it",
      },
      "ok": false,
    }
  `);
  const linked = brokenRun(IN_STEP);
  renameSync(join(linked, "jobs"), join(linked, "../../../jobs"));
  symlinkSync("../../../jobs", join(linked, "jobs"));
  const before = filesOf(linked);
  expect(await recoverRun(linked, { nowMs: NOW })).toMatchObject({
    ok: false,
    error: { code: "ARTIFACTS_REFUSED_PLACE" },
  });
  expect(filesOf(linked)).toEqual(before);
});

test("recoverRun() says what cannot be written, and has the next one try again", async () => {
  const directory = brokenRun(IN_STEP);
  mkdirSync(join(directory, "summary.json/x"), { recursive: true });
  expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject({
    ok: false,
    error: { code: "ARTIFACTS_WRITE_FAILED" },
  });
  expect(existsSync(join(directory, CLAIM))).toBe(true);
});

test("recoverRun() says that the receipt cannot be written, and does not close the run", async () => {
  const directory = brokenRun(IN_STEP);
  mkdirSync(join(directory, RECEIPT, "x"), { recursive: true });
  const refused = { ok: false, error: { code: "ARTIFACTS_WRITE_FAILED" } };
  expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject(refused);
  const stream = readFileSync(join(directory, "events.jsonl"), "utf8");
  expect(stream).not.toMatch(/"phase_finish".*"run\.finalize"/);
});

test("recoverRun() makes the folder of receipts, and touches nothing where that cannot be", async () => {
  const directory = brokenRun(IN_STEP);
  const receipts = join(directory, "../../receipts");
  rmSync(receipts, { recursive: true });
  symlinkSync("../..", receipts);
  const before = filesOf(directory);
  const refused = { ok: false, error: { code: "ARTIFACTS_REFUSED_PLACE" } };
  expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject(refused);
  expect(filesOf(directory)).toEqual(before);
  rmSync(receipts);
  writeFileSync(receipts, "");
  expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject({ ok: false });
  expect(filesOf(directory)).toEqual(before);
  rmSync(receipts);
  expect(await recovered(directory)).toEqual(recoveredAs(directory, "recovered"));
});

test("recoverRun() leaves a run alone where the folder of the runs cannot be kept out of version control", async () => {
  const directory = brokenRun(IN_STEP);
  const ignored = join(directory, "../../.gitignore");
  rmSync(ignored, { force: true });
  mkdirSync(ignored);
  const before = filesOf(directory);
  const refused = { ok: false, error: { code: "ARTIFACTS_WRITE_FAILED" } };
  expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject(refused);
  expect(filesOf(directory)).toEqual(before);
});

test.each([["file"], ["folder"]])(
  "recoverRun() says that a mirror cannot be made where a %s is",
  async (kind) => {
    const started = indexOf({ event: "phase_start", phase_code: "job.execution" }) + 1;
    const directory = brokenRun(started);
    rmSync(join(directory, "jobs/build/user"), { recursive: true, force: true });
    if (kind === "file") writeFileSync(join(directory, "jobs/build/user"), "");
    else mkdirSync(join(directory, MIRROR, "x"), { recursive: true });
    const before = filesOf(directory);
    const refused = { ok: false, error: { code: "ARTIFACTS_WRITE_FAILED" } };
    expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject(refused);
    expect(filesOf(directory)).toEqual(before);
  },
);

test("recoverRun() says that a stream cannot be continued", async () => {
  const directory = brokenRun(IN_STEP);
  mkdirSync(join(directory, "jobs/lint/events.jsonl"), { recursive: true });
  const refused = { ok: false, error: { code: "ARTIFACTS_WRITE_FAILED" } };
  expect(await recoverRun(directory, { nowMs: NOW })).toMatchObject(refused);
});

test("recoverRun() reads the run again once it is its own", async () => {
  const closed = brokenRun(IN_STEP);
  await recovered(closed);
  const directory = brokenRun(IN_STEP);
  // Another process closes the run after it was read and before it is claimed.
  const whileItCloses = {
    nowMs: NOW,
    get force() {
      cpSync(join(closed, "../.."), join(directory, "../.."), { recursive: true });
      return false;
    },
  };
  expect(await recoverRun(directory, whileItCloses)).toEqual(FOUND_CLOSED);
  expect(existsSync(join(directory, CLAIM))).toBe(false);

  const damaged = brokenRun(IN_STEP);
  const whileItBreaks = {
    nowMs: NOW,
    get force() {
      writeFileSync(join(damaged, "events.jsonl"), "no record\n");
      return false;
    },
  };
  expect(await recoverRun(damaged, whileItBreaks)).toMatchObject({
    ok: false,
    error: { code: "ARTIFACTS_INVALID_DOCUMENT" },
  });
});

test("recoverRun() does not say that work was cut off where the pipeline had come to its end", async () => {
  const directory = brokenRun(WHOLE.length - 1);
  await recovered(directory);
  const note = readFileSync(join(directory, "events.jsonl"), "utf8")
    .split("\n")
    .find((line) => line.includes("The run was interrupted"));
  expect(note).not.toContain('"stop"');
  expect(json(directory, "summary.json")).toMatchObject({ status: "success" });
});

test.each([["phase_start"], ["phase_finish"]])(
  "recoverRun() learns which run it is from a %s alone",
  async (event) => {
    const only = indexOf({ event });
    const directory = join(dirname(brokenRun(only + 1, (seq) => seq === WHOLE[only]?.seq)), "../../../copy");
    cpSync(join(directory, "../.loom/.runtime/logs", IDENTITY.runId), directory, { recursive: true });
    // A run that lacks its beginning is refused, by its name.
    expect(JSON.stringify(await recoverRun(directory, { nowMs: NOW }))).toContain(IDENTITY.runId);
  },
);

test("recoverRun() closes a run that broke off after any of its records, once", async () => {
  for (let count = 1; count < WHOLE.length; count++) {
    const directory = brokenRun(count);
    expect(await recovered(directory)).toEqual(recoveredAs(directory, "recovered"));
    const files = filesOf(directory);
    expect(await recovered(directory)).toEqual(FOUND_CLOSED);
    expect(filesOf(directory)).toEqual(files);
    expect(existsSync(join(directory, CLAIM))).toBe(false);
  }
});
