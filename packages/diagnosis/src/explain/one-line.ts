import { plainLine } from "../errors/plain-line.ts";

/** Characters of a command that are looked at. */
const MAX_CHARACTERS = 8000;

/** A command of several lines in one. */
export function oneLine(text: string): string {
  return text
    .slice(0, MAX_CHARACTERS)
    .split("\n")
    .map((line) => plainLine(line).trim())
    .filter((line) => line !== "")
    .join(" ⏎ ");
}
