import { createPhaseValidator, createStreamReader, type PhaseReport } from "@loom/phase-validator";
import type { DiskImage } from "../virtual/virtual-disk.ts";

/**
 * The validator's verdict on a run's directory, by the rules of `judgeRunDirectory`: all streams, including
 * mirrors, and every required document.
 */
export function judgeImage(image: DiskImage, receipt: Uint8Array | undefined): PhaseReport {
  const validator = createPhaseValidator({ mirrors: true, documents: true });
  const paths = [...image.keys()].sort((a, b) => rank(a) - rank(b));
  for (const path of paths) {
    const bytes = image.get(path) ?? new Uint8Array(0);
    if (path.endsWith("events.jsonl")) {
      const reader = createStreamReader(validator, path);
      reader.chunk(bytes);
      reader.end();
    } else if (path === "phase-report.json") {
      validator.present(path);
    } else if (/(?:^|\/)(?:summary|manifest)\.json$/.test(path)) {
      readDocument(validator, path, bytes);
    }
  }
  if (receipt !== undefined) readDocument(validator, "../../receipts/receipt.json", receipt);
  return validator.report("2026-01-01T00:00:00.000Z");
}

/** The run's own stream comes first: it names the run that the others must belong to. */
function rank(path: string): number {
  return path === "events.jsonl" ? 0 : 1;
}

function readDocument(
  validator: ReturnType<typeof createPhaseValidator>,
  path: string,
  bytes: Uint8Array,
): void {
  try {
    validator.document(path, JSON.parse(Buffer.from(bytes).toString("utf8")));
  } catch (cause) {
    if (!(cause instanceof SyntaxError)) throw cause;
    validator.malformed(path, 1, "is not JSON");
  }
}
