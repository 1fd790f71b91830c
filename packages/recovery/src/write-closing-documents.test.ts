import { epochMs, err, ok } from "@loom/core";
import { expect, test } from "vitest";
import { brokenRun, IDENTITY, WHOLE } from "../test/broken-run.ts";
import { NOTHING } from "./read-past-run.ts";
import { writeClosingDocuments, type ClosingParts } from "./write-closing-documents.ts";

const REFUSED = err({ code: "ARTIFACTS_WRITE_FAILED", message: "the disk is full" } as const);

interface Arranged {
  readonly parts: ClosingParts;
  /** What was asked of the recorder, in order. */
  readonly told: unknown[];
}

/**
 * @param answers - To each request for the documents, in order.
 * @param receipt - The answer to the request for the receipt.
 */
function arrange(
  answers: readonly unknown[],
  records: readonly object[] = [],
  receipt: unknown = ok(undefined),
): Arranged {
  const told: unknown[] = [];
  const left = [...answers];
  const recorder = {
    finalDocuments: () => {
      told.push("documents");
      return left.shift();
    },
    executorReceipt: (concurrency: number) => {
      told.push(`${concurrency} at a time`);
      return {};
    },
    writeReceipt: () => {
      told.push("receipt");
      return receipt;
    },
    close: () => told.push("close"),
  };
  const parts = {
    identity: IDENTITY,
    past: { ...NOTHING, records: records.map((record) => ({ stream: { kind: "run" }, record })) },
    recorder,
    machine: { stage: "closed", result: () => ({ status: "success", exitCode: 0 }) },
    records: { atMs: epochMs(0), linesOf: () => "", emissions: () => told.push("last record") },
    nowMs: epochMs(0),
    fault: () => undefined,
  };
  return { parts: parts as never, told };
}

test("writeClosingDocuments() writes the documents before and after the receipt, and then the last record", () => {
  const ts = "2026-01-01T00:00:00.000Z";
  const { parts, told } = arrange(
    [ok(undefined), ok(undefined)],
    [
      { event: "job_state", ts, concurrency: 9 },
      { event: "log", ts, concurrency: "many" },
      { event: "log", ts, concurrency: 4 },
    ],
  );
  expect(writeClosingDocuments(brokenRun(WHOLE.length), parts).ok).toBe(true);
  expect(told).toEqual(["documents", "4 at a time", "receipt", "documents", "last record", "close"]);
});

test("writeClosingDocuments() goes no further than what is refused", () => {
  const first = arrange([REFUSED]);
  expect(writeClosingDocuments(brokenRun(WHOLE.length), first.parts)).toEqual(REFUSED);
  expect(first.told).toEqual(["documents"]);

  const second = arrange([ok(undefined), REFUSED]);
  expect(writeClosingDocuments(brokenRun(WHOLE.length), second.parts)).toEqual(REFUSED);
  expect(second.told).toEqual(["documents", "1 at a time", "receipt", "documents"]);

  const receipt = arrange([ok(undefined), ok(undefined)], [], REFUSED);
  expect(writeClosingDocuments(brokenRun(WHOLE.length), receipt.parts)).toEqual(REFUSED);
  expect(receipt.told).toEqual(["documents", "1 at a time", "receipt"]);

  const last = arrange([ok(undefined), ok(undefined)]);
  const parts = { ...last.parts, fault: () => REFUSED.error };
  expect(writeClosingDocuments(brokenRun(WHOLE.length), parts)).toEqual(REFUSED);
  expect(last.told.slice(-2)).toEqual(["last record", "close"]);

  const nowhere = arrange([]);
  expect(writeClosingDocuments("/nowhere/at/all", nowhere.parts)).toMatchObject({ ok: false });
  expect(nowhere.told).toEqual([]);
});
