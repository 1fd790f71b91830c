/**
 * Control characters but tab and newline, and marks that turn the direction of
 * text: what a terminal would act on instead of showing it.
 */
// oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
const ACTED_ON = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F\u061C\u200E\u200F\u2028-\u202E\u2066-\u2069]/g;

/** A sequence that sets colours and styles, and nothing else. */
// oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
const COLOR = /(\u001B\[[\d;:]*m)/;

/**
 * Text that no terminal acts on, whatever a file name, a document or a record
 * of somebody else put into it.
 *
 * @param colored - Whether colours stay. Default: they are shown as text, too.
 */
export function printable(text: string, colored = false): string {
  if (colored) {
    return text
      .split(COLOR)
      .map((part, index) => (index % 2 === 1 ? part : printable(part)))
      .join("");
  }
  return text.replaceAll(ACTED_ON, (character) => {
    const code = character.charCodeAt(0);
    if (code < 0x20) return String.fromCharCode(0x2400 + code);
    return code === 0x7f ? "\u2421" : "\uFFFD";
  });
}

/** A value as JSON for people and programs: two spaces, a final newline, and nothing that a terminal acts on. */
export function formatJson(value: unknown): string {
  const json = JSON.stringify(value, undefined, 2).replaceAll(
    ACTED_ON,
    (character) => `\\u${character.charCodeAt(0).toString(16).padStart(4, "0")}`,
  );
  return `${json}\n`;
}
