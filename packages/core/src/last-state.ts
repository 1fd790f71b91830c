/**
 * What a terminal shows of a line in the end: of text that was overwritten with
 * `\r`, the last state. Progress bars write one line again and again.
 *
 * @returns The text behind the last `\r`; carriage returns at the end of the line do not count.
 */
export function lastState(line: string): string {
  return line.slice(startOfLastState(line), endOf(line));
}

/** Where the last state of a line begins: what precedes it was overwritten, whatever follows. */
export function startOfLastState(line: string): number {
  const end = endOf(line);
  return end === 0 ? 0 : line.lastIndexOf("\r", end - 1) + 1;
}

/** Where the carriage returns at the end of a line begin. */
function endOf(line: string): number {
  let end = line.length;
  while (line[end - 1] === "\r") end -= 1;
  return end;
}
