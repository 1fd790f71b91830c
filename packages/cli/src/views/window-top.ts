/** The first row of a list that is shown so that the selected one is in the middle, as far as the list goes. */
export function windowTop(index: number, total: number, height: number): number {
  return Math.max(0, Math.min(index - Math.floor(height / 2), total - height));
}
