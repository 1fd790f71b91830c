/** The first visible row of a list, so that the selected row is in the middle unless it is near an end. */
export function windowTop(index: number, total: number, height: number): number {
  return Math.max(0, Math.min(index - Math.floor(height / 2), total - height));
}
