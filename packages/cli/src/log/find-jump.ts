import type { LineScan } from "./line-scan.ts";

/** The matches found so far, of any kind of scan. */
type Found = Pick<LineScan, "count" | "hit" | "firstFrom">;

/** Where a jump leads; `wait`: not known yet, because the scan is not complete. */
export type Jump =
  | { readonly kind: "row"; readonly row: number; readonly wrapped: boolean }
  | { readonly kind: "none" }
  | { readonly kind: "wait" };

/**
 * The next match after or before a row, wrapping around at the end.
 *
 * @param going - Whether the scan may find more.
 */
export function findJump(scan: Found, from: number, direction: 1 | -1, going: boolean): Jump {
  const next = direction > 0 ? scan.firstFrom(from + 1) : scan.firstFrom(from) - 1;
  if (next >= 0 && next < scan.count) return { kind: "row", row: scan.hit(next), wrapped: false };
  if (going) return { kind: "wait" };
  if (scan.count === 0) return { kind: "none" };
  return { kind: "row", row: scan.hit(direction > 0 ? 0 : scan.count - 1), wrapped: true };
}
