import { ASCII_GLYPHS, UNICODE_GLYPHS, type Glyphs } from "../text/glyphs.ts";
import type { Palette } from "../text/palette.ts";

/** How text for people looks. */
export interface TextStyle {
  readonly palette: Palette;
  readonly glyphs: Glyphs;
  /** Whether links that jobs print are kept where their colours are. Default: they are not. */
  readonly links?: boolean | undefined;
  /**
   * Makes the path of a file of evidence a link.
   *
   * @param path - Relative to the user's working directory, or absolute.
   * @param text - The path as it is shown.
   */
  readonly link?: (path: string, text: string) => string;
}

/** The path of a file of evidence, as a link where the style has links. */
export function linked({ link }: TextStyle, path: string, text: string = path): string {
  return link === undefined ? text : link(path, text);
}

/** A style with or without signs beyond ASCII. */
export function textStyle(palette: Palette, ascii: boolean): TextStyle {
  return { palette, glyphs: ascii ? ASCII_GLYPHS : UNICODE_GLYPHS };
}
