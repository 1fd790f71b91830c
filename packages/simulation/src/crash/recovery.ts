import type { DiskImage } from "../virtual/virtual-disk.ts";

/** What a run left on disk. */
export interface LeftBehind {
  /** What lies in the run's directory. */
  readonly image: DiskImage;
  readonly receipt: Uint8Array | undefined;
}

/** Closes a run whose process died: open phases get their finish, missing documents are rebuilt. */
export type Recovery = (left: LeftBehind) => LeftBehind;

/**
 * What every crash image is put through, and must be valid after.
 *
 * `undefined` while `@loom/artifacts` has nothing that recovers a run: give it a
 * function here and each simulated crash checks it. One that needs a real
 * directory gets it from `writeImage`.
 */
export const RECOVERY: Recovery | undefined = undefined as Recovery | undefined;
