import { fitRow, rowWidth } from "@loom/reporters/view";

/** A row with text on both sides. If space is short, the left text is cut. */
export function twoSided(left: string, right: string, width: number, ellipsis = "…"): string {
  const room = width - rowWidth(right);
  if (right === "" || room < 4) return fitRow(left, width, { pad: true, ellipsis });
  return fitRow(left, room - 1, { pad: true, ellipsis }) + " " + right;
}
