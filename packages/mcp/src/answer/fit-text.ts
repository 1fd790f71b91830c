/** No text of an answer is longer, in bytes. */
export const TEXT_BYTES: number = 4096;

/** No line of a text is longer, in bytes; what is longer is cut. */
const LINE_BYTES = 512;

/** Which lines matter most, and so stay. */
export interface FitTextOptions {
  /** Where the lines that matter most are. */
  readonly keep: "first" | "last";
  /** Where to find what was cut, as the end of a sentence. */
  readonly rest: string;
}

/** Lines as one text of less than {@link TEXT_BYTES}, which says where lines are missing, how many, and where they are. */
export function fitText(lines: readonly string[], { keep, rest }: FitTextOptions): string {
  const short = lines.flatMap((text) => text.split("\n")).map(fitLine);
  const whole = short.join("\n");
  if (Buffer.byteLength(whole) < TEXT_BYTES) return whole;
  const byImportance = keep === "first" ? short : short.toReversed();
  const room = TEXT_BYTES - Buffer.byteLength(cutNote(short.length, rest)) - 1;
  const kept: string[] = [];
  let bytes = 0;
  for (const line of byImportance) {
    bytes += Buffer.byteLength(line) + 1;
    if (bytes >= room) break;
    kept.push(line);
  }
  const note = cutNote(short.length - kept.length, rest);
  return (keep === "first" ? [...kept, note] : [note, ...kept.toReversed()]).join("\n");
}

function cutNote(lines: number, rest: string): string {
  return `… cut: ${lines} more ${lines === 1 ? "line" : "lines"}, ${rest}`;
}

function fitLine(line: string): string {
  if (Buffer.byteLength(line) <= LINE_BYTES) return line;
  // Cut between characters: half of one would be longer as the replacement for it.
  const start = Buffer.from(line).subarray(0, LINE_BYTES).toString("utf8").replace(/�+$/u, "");
  return `${start}… (line cut)`;
}
