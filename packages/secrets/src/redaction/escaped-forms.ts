/** Each character that is not left as it is in a URL, by who encodes it. */
const URL_ESCAPED: readonly RegExp[] = [
  // RFC 3986: all that is not unreserved.
  /[^A-Za-z0-9._~-]/gu,
  // `encodeURIComponent`.
  /[^A-Za-z0-9._~!'()*-]/gu,
  // `encodeURI`.
  /[^A-Za-z0-9._~!'()*;,/?:@&=+$#-]/gu,
  // Python's `quote` and most templates: a path.
  /[^A-Za-z0-9._~/-]/gu,
  // HTML forms and `URLSearchParams`.
  /[^A-Za-z0-9._*-]/gu,
  // Everything.
  /[^]/gu,
];

/** How URLs show a text: with `%2F` or `%2f`, and with `+` or `%20` for a space. */
export function urlForms(text: string): string[] {
  return URL_ESCAPED.flatMap((escaped) =>
    [upperHex, lowerHex].flatMap((hex) => {
      const form = text.replace(escaped, (character) =>
        [...Buffer.from(character)].map((byte) => `%${hex(byte, 2)}`).join(""),
      );
      return [form, form.replaceAll("%20", "+")];
    }),
  );
}

/** Which characters JSON shows as a code, apart from those that it must, by who writes it. */
const JSON_CODED: readonly JsonWriter[] = [
  // `JSON.stringify`: none.
  "",
  // Python, PHP and others: all that is not ASCII.
  String.raw`\u0080-\u{10ffff}`,
  // Go: what HTML would read, and the two line breaks of Unicode.
  String.raw`<>&\u2028\u2029`,
  // .NET.
  String.raw`"&'+<>${"`"}\u007f-\u{10ffff}`,
  // Everything.
  String.raw`\0-\u{10ffff}`,
].map((set) => ({
  escaped: new RegExp(String.raw`["\\\0-\u001f${set}]`, "gu"),
  coded: new RegExp(`[${set}]`, "u"),
}));

interface JsonWriter {
  readonly escaped: RegExp;
  /** Those of them that are codes even where there is something shorter. */
  readonly coded: RegExp;
}

/** How JSON shows a text, without the quotes: as `JSON.stringify` writes it, and with `\uXXXX` in either case. */
export function jsonForms(text: string): string[] {
  return JSON_CODED.flatMap(({ escaped, coded }) =>
    [upperHex, lowerHex].flatMap((hex) => {
      const form = text.replace(escaped, (character) =>
        coded.test(character) ? jsonCode(character, hex) : jsonEscape(character, hex),
      );
      return [form, form.replaceAll("/", String.raw`\/`)];
    }),
  );
}

function jsonEscape(character: string, hex: Hex): string {
  const written = JSON.stringify(character).slice(1, -1);
  return written.length === 2 ? written : jsonCode(character, hex);
}

function jsonCode(character: string, hex: Hex): string {
  return character.replace(/[^]/g, (unit) => `\\u${hex(unit.charCodeAt(0), 4)}`);
}

/** How shells, Python and JavaScript show a text, without the quotes around it. */
export function quotedForms(text: string): string[] {
  const inOneLine = text.replace(/[\\\n\r\t]/g, (character) => JSON.stringify(character).slice(1, -1));
  return [
    // '…'\''…'
    text.replaceAll("'", String.raw`'\''`),
    // '…'"'"'…'
    text.replaceAll("'", `'"'"'`),
    // "…\$…"
    text.replace(/[$`"\\]/g, String.raw`\$&`),
    // …\ …
    text.replace(/[^A-Za-z0-9_@%+=:,./\n-]/gu, String.raw`\$&`),
    // $'…\'…'
    inOneLine.replaceAll("'", String.raw`\'`),
    // `…'…"…`
    inOneLine,
  ];
}

type Hex = (value: number, digits: number) => string;

function upperHex(value: number, digits: number): string {
  return lowerHex(value, digits).toUpperCase();
}

function lowerHex(value: number, digits: number): string {
  return value.toString(16).padStart(digits, "0");
}
