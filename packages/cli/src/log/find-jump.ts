import type { LineScan } from "./line-scan.ts";

/** What was found so far, whatever was looked for. */
type Found = Pick<LineScan, "count" | "hit" | "firstFrom">;

/** Where a jump leads; `wait`: it is not known yet. */
export type Jump =
  | { readonly kind: "row"; readonly row: number; readonly wrapped: boolean }
  | { readonly kind: "none" }
  | { readonly kind: "wait" };

/**
 * The match after or before a row; beyond the last one it begins anew.
 *
 * @param going - Whether the scan still looks.
 */
export function findJump(scan: Found, from: number, direction: 1 | -1, going: boolean): Jump {
  const next = direction > 0 ? scan.firstFrom(from + 1) : scan.firstFrom(from) - 1;
  if (next >= 0 && next < scan.count) return { kind: "row", row: scan.hit(next), wrapped: false };
  if (going) return { kind: "wait" };
  if (scan.count === 0) return { kind: "none" };
  return { kind: "row", row: scan.hit(direction > 0 ? 0 : scan.count - 1), wrapped: true };
}
