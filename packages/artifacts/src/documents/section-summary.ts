import type { EventError, PhaseCode, PhaseStatus, SectionName } from "@loom/core";
import { EVENT_ERROR, PHASE_CODE, PHASE_STATUS, SECTION_NAME } from "../codec/event-shapes.ts";
import { fields, flag, listOf, optional, text, whole, type Shape } from "../shape/shape.ts";
import { CACHE_FACTS, type CacheFacts } from "./cache-facts.ts";
import { JOB_IDENTITY, type JobIdentity } from "./identity.ts";

/** `…/system/<section>/summary.json`: how one section ended, the last time it ran. */
export interface SectionSummary extends JobIdentity {
  readonly section: SectionName;
  readonly phase_code: PhaseCode;
  readonly status: PhaseStatus;
  readonly started_at: string;
  readonly finished_at: string;
  readonly duration_ms: number;
  readonly error?: EventError;
  readonly events_path: string;
  /** Key of the cache, of several one after the other; cache sections only, like the next three. */
  readonly key?: string;
  /** Whether something was restored, of several: of each. */
  readonly hit?: boolean;
  /** Size of the archives. */
  readonly bytes?: number;
  /** Each cache separately, in order. */
  readonly caches?: readonly CacheFacts[];
}

/** Shape of {@link SectionSummary}. */
export const SECTION_SUMMARY: Shape<SectionSummary> = fields<SectionSummary>({
  ...JOB_IDENTITY,
  section: SECTION_NAME,
  phase_code: PHASE_CODE,
  status: PHASE_STATUS,
  started_at: text(),
  finished_at: text(),
  duration_ms: whole(),
  error: optional(EVENT_ERROR),
  events_path: text(),
  key: optional(text()),
  hit: optional(flag()),
  bytes: optional(whole()),
  caches: optional(listOf(CACHE_FACTS)),
});
