import { flag, fields, optional, text, whole, type Shape } from "../shape/shape.ts";

/** What happened to one cache in a section, according to a `log` record of the section. */
export interface CacheFacts {
  /** Its name; absent for a cache that is not part of a list. */
  readonly cache?: string;
  readonly key: string;
  /** Whether something was restored; `cache_restore` only, like the next. */
  readonly hit?: boolean;
  /** The key that it was restored from. */
  readonly matched_key?: string;
  /** Whether it was saved; `cache_save` only, like the next. */
  readonly saved?: boolean;
  /** Why it was not. */
  readonly reason?: string;
  /** Size of the archive that was restored or saved; 0 for none. */
  readonly bytes: number;
  readonly duration_ms: number;
}

/** Shape of {@link CacheFacts}. */
export const CACHE_FACTS: Shape<CacheFacts> = fields<CacheFacts>({
  cache: optional(text()),
  key: text(),
  hit: optional(flag()),
  matched_key: optional(text()),
  saved: optional(flag()),
  reason: optional(text()),
  bytes: whole(),
  duration_ms: whole(),
});
