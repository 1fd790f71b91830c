/** The NUL-terminated records of what git printed with `-z`, one character a byte. */
export function splitRecords(output: Buffer): string[] {
  const records = output.toString("latin1").split("\0");
  if (records.at(-1) === "") records.pop();
  return records;
}
