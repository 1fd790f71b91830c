/** Line lengths of `base64` and MIME, and of `openssl` and PEM. Unit: characters. */
const WIDTHS = [76, 64] as const;

/**
 * How base64 shows bytes, wherever in the encoded data they begin: only the characters that depend on them alone.
 *
 * For data that begins with them also what comes of it when they are all of it, and when it is broken into lines.
 */
export function base64Forms(bytes: Uint8Array): string[] {
  const alone = Buffer.from(bytes).toString("base64");
  const [begun, ...inside] = [0, 1, 2].map((offset) => coreOf(bytes, offset));
  const whole = [begun ?? "", alone, alone.replace(/=+$/, "")];
  const unbroken = [...whole, ...inside];
  return [...unbroken, ...unbroken.map(urlSafe), ...whole.flatMap(wrapped)];
}

/** @param offset - How many bytes are before these in a group of three. */
function coreOf(bytes: Uint8Array, offset: number): string {
  const text = Buffer.concat([new Uint8Array(offset), bytes]).toString("base64");
  return text.slice(Math.ceil((offset * 8) / 6), Math.floor(((offset + bytes.length) * 8) / 6));
}

/** The text in lines, and each full line: what follows the last may hold more than these bytes. */
function wrapped(text: string): string[] {
  return WIDTHS.filter((width) => text.length > width).flatMap((width) => {
    const lines = text.match(new RegExp(`.{1,${width}}`, "g")) ?? [];
    return [lines.join("\n"), lines.join("\r\n"), ...lines.filter((line) => line.length === width)];
  });
}

function urlSafe(text: string): string {
  return text.replaceAll("+", "-").replaceAll("/", "_");
}
