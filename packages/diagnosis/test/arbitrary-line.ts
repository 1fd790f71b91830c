import fc from "fast-check";

/** What lines of tools are made of. */
const WORD = fc.constantFrom(
  "error",
  ":",
  "1",
  "(",
  ")",
  "[",
  "]",
  "  ",
  "at ",
  "\u001B[31m",
  "a.py",
  "FAIL ",
  "E   ",
  "\t",
  "● ",
  "-->",
  "\r",
);

/** Any line, and lines that look like those of tools. */
export const arbitraryLine: fc.Arbitrary<string> = fc.oneof(
  fc.string(),
  fc.array(WORD, { maxLength: 12 }).map((all) => all.join("")),
);
