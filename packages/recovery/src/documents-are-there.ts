import { existsSync } from "node:fs";
import { join } from "node:path";
import type { RunIdentity } from "@loom/core";
import {
  PHASE_REPORT_PATH,
  PIPELINE_MANIFEST_PATH,
  PIPELINE_SUMMARY_PATH,
  RUN_SUMMARY_PATH,
} from "@loom/record";
import { receiptPlace } from "./recorded-receipt.ts";

/** The documents of every run that has closed, the one last that is written last. */
const DOCUMENTS = [PHASE_REPORT_PATH, PIPELINE_MANIFEST_PATH, PIPELINE_SUMMARY_PATH, RUN_SUMMARY_PATH];

/**
 * Whether a run that has closed has its documents.
 *
 * One that lies where runs do has a receipt, too.
 */
export function documentsAreThere(directory: string, { runId }: RunIdentity): boolean {
  const receipt = receiptPlace(directory, runId);
  const paths = [
    ...DOCUMENTS.map((name) => join(directory, name)),
    ...(receipt === undefined ? [] : [receipt]),
  ];
  return paths.every((path) => existsSync(path));
}
