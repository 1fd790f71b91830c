/** A name as a title: one line of at most 80 characters. */
export function titleOf(name: string): string {
  return Array.from(name.replaceAll(/[^\P{C}]+|\s+/gu, " ").trim())
    .slice(0, 80)
    .join("")
    .trim();
}
