/** Gives text its colour by what it means, or leaves it as it is. The palette of `@loom/cli` is one. */
export interface Paint {
  paint(tone: "success" | "failed" | "allowed" | "cancelled" | "dim" | "bold", text: string): string;
}

/** Leaves all text as it is. */
export const PLAIN: Paint = { paint: (_tone, text) => text };

/** Cuts a text to a width, in UTF-16 units, ending in `…` when it was longer. */
export function clip(text: string, width: number): string {
  if (text.length <= width) return text;
  const end = Math.max(0, width - 1);
  const cut = text.slice(0, end);
  return `${/[\uD800-\uDBFF]$/.test(cut) ? cut.slice(0, -1) : cut}…`;
}
