import { ASCII_GLYPHS, UNICODE_GLYPHS, type Glyphs } from "../text/glyphs.ts";
import type { Palette } from "../text/palette.ts";

/** How text for people looks. */
export interface TextStyle {
  readonly palette: Palette;
  readonly glyphs: Glyphs;
}

/** A style with or without signs beyond ASCII. */
export function textStyle(palette: Palette, ascii: boolean): TextStyle {
  return { palette, glyphs: ascii ? ASCII_GLYPHS : UNICODE_GLYPHS };
}
