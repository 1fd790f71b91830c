/** A style, or the start (with its address) or the end of a link. */
// oxlint-disable-next-line no-control-regex -- styles and links are control sequences
const KEPT = /\u001B\[[\d;:]*m|\u001B\]8;;((?:https?|mailto|file):[\u0021-\u007E]{1,2000})?\u0007/gi;

/**
 * The text of one line of output, without its styles and links.
 *
 * @throws If anything else in it is a control character, or a link is started within another, ended twice, or not ended.
 */
export function textOfOutput(line: string): string {
  let isInLink = false;
  const text = line.replaceAll(KEPT, (sequence, address?: string) => {
    if (sequence.endsWith("m") && address === undefined && sequence.startsWith("\u001B[")) return "";
    const starts = address !== undefined;
    if (starts === isInLink)
      throw new Error(`A link does not ${starts ? "end" : "start"}: ${JSON.stringify(line)}`);
    isInLink = starts;
    return "";
  });
  // oxlint-disable-next-line no-control-regex -- that is what must not be there
  if (/[\u0000-\u001F\u007F-\u009F]/.test(text))
    throw new Error(`A control character: ${JSON.stringify(text)}`);
  if (isInLink) throw new Error(`A link does not end: ${JSON.stringify(line)}`);
  return text;
}
