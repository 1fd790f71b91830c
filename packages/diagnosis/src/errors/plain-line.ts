import { lastState } from "@loom/core";

/**
 * Characters of a line that are looked at. What tools say about errors stands
 * at the beginning; minified sources and base64 do not end.
 */
const MAX_CHARACTERS = 2000;

/** Control sequences, control strings and short escape sequences of ECMA-48. No part can match across another escape. */
const ESCAPE =
  // oxlint-disable-next-line no-control-regex -- removing control characters is what this is for
  /(?:\u001B\[|\u009B)[0-?]*[ -/]*[@-~]|\u001B[\]PX^_][^\u0007\u001B]*(?:\u0007|\u001B\\)?|\u001B[ -/]*[0-~]?/g;

// oxlint-disable-next-line no-control-regex -- removing control characters is what this is for
const CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/g;

// oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
const ANY_CONTROL = /[\u0000-\u0008\u000B-\u001F\u007F-\u009F]/;

/**
 * A printed line as plain text: colours and other control sequences removed,
 * only the last state of what was overwritten with `\r`, cut after 2,000 characters.
 */
export function plainLine(line: string): string {
  const last = lastState(line);
  const cut = last.length > MAX_CHARACTERS * 4 ? last.slice(0, MAX_CHARACTERS * 4) : last;
  const plain = ANY_CONTROL.test(cut) ? cut.replace(ESCAPE, "").replace(CONTROL, "") : cut;
  return plain.length > MAX_CHARACTERS ? plain.slice(0, MAX_CHARACTERS) : plain;
}
