import { decodeUtf8 } from "./decode-utf8.ts";

/** A parsed text, or why it could not be parsed, to follow "This line" or "This file". */
export type ParsedJson =
  | { readonly ok: true; readonly text: string; readonly json: unknown }
  | { readonly ok: false; readonly why: string };

/** Parses the bytes of a line or a document. */
export function parseJson(bytes: Uint8Array): ParsedJson {
  const text = decodeUtf8(bytes);
  if (text === undefined) return { ok: false, why: "is not UTF-8" };
  try {
    return { ok: true, text, json: JSON.parse(text) as unknown };
  } catch {
    return { ok: false, why: "is not JSON" };
  }
}
