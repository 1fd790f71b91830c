import { lastState } from "@loom/core";
import { LINK_END, linkAddress, linkStart } from "./link.ts";

/** How a line of a job is made fit for a terminal. */
export interface CleanOptions {
  /** Whether colours of the job are kept. Everything else that could move, hide or ask is gone either way. */
  readonly color: boolean;
  /** Whether links of the job are kept along with its colours, for a terminal that is known to have them. Default: no. */
  readonly links?: boolean | undefined;
  /** UTF-16 units to show at most, more than `ellipsis` has; only colours and links add to them. Default: all. */
  readonly maxCharacters?: number | undefined;
  /** What stands for cut-off text, Default: `…`. */
  readonly ellipsis?: string | undefined;
}

const TAB_WIDTH = 8;
const RESET = "\u001B[0m";

/** Any control character. */
// oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
const CONTROL = /[\u0000-\u001F\u007F-\u009F]/;

/** Marks that turn the direction of what follows: with them a line can read as another one. */
const DIRECTION = /[\u202A-\u202E\u2066-\u2069]/g;

/** What a line without is fit as it is. */
// oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
const UNFIT = /[\u0000-\u001F\u007F-\u009F\u202A-\u202E\u2066-\u2069]/;

/**
 * The tokens of a line: a control sequence (its parameters in group 1, the
 * rest of it in group 2), a control string such as OSC up to its end, a short
 * escape sequence, any other control character, or text.
 *
 * No part can match across another control character, so the time is linear
 * in the line, whatever it holds.
 *
 * Source: ECMA-48, 5.4 (control sequences), 5.6 (control strings), 5.3 and
 * ECMA-35, 13.2 (escape sequences).
 */
const TOKEN =
  // oxlint-disable-next-line no-control-regex -- finding control characters is what this is for
  /(?:\u001B\[|\u009B)([0-?]*)([ -/]*[@-~])|(?:\u001B[\]PX^_]|[\u009D\u0090\u0098\u009E\u009F])[^\u0000-\u001F\u007F-\u009F]*(?:\u0007|\u001B\\|\u009C)|\u001B[ -/]*[0-OQ-WYZ\\`-~]|[\u0000-\u001F\u007F-\u009F]|[^\u0000-\u001F\u007F-\u009F]+/g;

/**
 * Makes one line that a job printed fit to be shown.
 *
 * Of control sequences only colours and styles (SGR) survive, when `color` is
 * on, and they end with the line. So do links (OSC 8) of text, when `links` is
 * on as well: those to a page, a mail or a file, without their parameters.
 * Cursor moves, titles, clipboard and everything else that a terminal would act
 * on is dropped; a control character that belongs to no complete sequence is
 * shown as its picture (`␛`). Tabs become spaces. Marks that turn the direction
 * of text are shown as `\uFFFD`. Of text that was overwritten with `\r` the last
 * state is kept.
 *
 * @param line - One line; newlines in it are shown as pictures.
 */
export function cleanLine(line: string, options: CleanOptions): string {
  const max = options.maxCharacters ?? Number.POSITIVE_INFINITY;
  if (line.length <= max && !UNFIT.test(line)) return line;
  const ellipsis = options.ellipsis ?? "…";
  const roomBeforeEllipsis = max - ellipsis.length;
  const hasLinks = options.color && options.links === true;
  let shown = "";
  let column = 0;
  let styled = false;
  let cut: string | undefined;
  /** The address of the link that the line is in, and of the one that was started in `shown`; empty for none. */
  let link = "";
  let started = "";
  for (const [token, parameters, rest] of lastState(line.replaceAll(DIRECTION, "\uFFFD")).matchAll(TOKEN)) {
    if (rest !== undefined) {
      if (!options.color || rest !== "m" || !/^[\d;:]*$/.test(parameters ?? "")) continue;
      shown += `\u001B[${parameters ?? ""}m`;
      styled = true;
      continue;
    }
    if (hasLinks) link = linkAddress(token) ?? link;
    const text = visible(token, column);
    if (text === "") continue;
    // A link starts with its text, so one without text is left out.
    if (link !== started) {
      shown += (started === "" ? "" : LINK_END) + (link === "" ? "" : linkStart(link));
      started = link;
    }
    if (cut === undefined && column + text.length > roomBeforeEllipsis) {
      const end = started === "" ? "" : LINK_END;
      cut = shown + wholeCharacters(text.slice(0, roomBeforeEllipsis - column)) + ellipsis + end;
    }
    if (column + text.length > max) {
      shown = cut ?? shown;
      started = "";
      break;
    }
    shown += text;
    column += text.length;
  }
  if (started !== "") shown += LINK_END;
  return styled ? shown + RESET : shown;
}

/** Does not end in half a surrogate pair. */
function wholeCharacters(text: string): string {
  return /[\uD800-\uDBFF]$/.test(text) ? text.slice(0, -1) : text;
}

function visible(token: string, column: number): string {
  if (token === "\t") return " ".repeat(TAB_WIDTH - (column % TAB_WIDTH));
  if (!CONTROL.test(token)) return token;
  if (token.length > 1) return "";
  const code = token.charCodeAt(0);
  if (code < 0x20) return String.fromCharCode(0x2400 + code);
  return code === 0x7f ? "\u2421" : "\uFFFD";
}
