const ELLIPSIS = "…";
const ELLIPSIS_BYTES = 3;

/**
 * Cuts a text so that it takes at most so many bytes inside a JSON string.
 *
 * @returns The text itself when it fits; else its beginning, ending in `…`.
 */
export function cutText(text: string, maxBytes: number): string {
  let bytes = 0;
  let kept = 0;
  let keptWithEllipsis = 0;
  for (const character of text) {
    bytes += characterBytes(character);
    if (bytes > maxBytes) return text.slice(0, keptWithEllipsis) + ELLIPSIS;
    kept += character.length;
    if (bytes <= maxBytes - ELLIPSIS_BYTES) keptWithEllipsis = kept;
  }
  return text;
}

function characterBytes(character: string): number {
  const code = character.codePointAt(0) ?? 0;
  if (code < 0x20) return /[\b\t\n\f\r]/.test(character) ? 2 : 6;
  if (code === 0x22 || code === 0x5c) return 2;
  if (code < 0x80) return 1;
  if (code < 0x800) return 2;
  if (code >= 0xd800 && code <= 0xdfff) return 6;
  return code < 0x10000 ? 3 : 4;
}
