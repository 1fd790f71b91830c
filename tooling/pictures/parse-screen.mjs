/**
 * The style of one terminal character.
 *
 * @typedef {object} Style
 * @property {number} [color] - One of the 16: 0 to 7, bright from 8. Absent: the terminal's default.
 * @property {number} [background] - As `color`.
 * @property {boolean} [bold]
 * @property {boolean} [dim]
 * @property {boolean} [italic]
 * @property {boolean} [underline]
 * @property {boolean} [reverse]
 *
 * Adjacent characters of one row with the same style.
 *
 * @typedef {object} Run
 * @property {number} column - From 0.
 * @property {string} text
 * @property {Style} style
 */

/** Matches one escape sequence: CSI with its parameters and final byte, OSC up to its end, or a two-byte one. */
// oxlint-disable-next-line no-control-regex -- escape sequences are made of control characters
const ESCAPE = /\u001B(?:\[([0-9;:]*)([@-~])|\][^\u0007\u001B]*(?:\u0007|\u001B\\)|[ -/]*[0-~])/gu;

/**
 * Parses the output of `tmux capture-pane -p -e`: rows of coloured text, where a style continues from row to
 * row until it changes.
 *
 * @param {string} capture
 * @returns {Run[][]} One list of runs per row, without empty rows at the end.
 */
export function parseScreen(capture) {
  /** @type {Style} */
  let style = {};
  const rows = capture.split("\n").map((line) => {
    /** @type {Run[]} */
    const runs = [];
    let column = 0;
    let from = 0;
    const add = (text) => {
      if (text === "") return;
      runs.push({ column, text, style });
      column += Array.from(text).length;
    };
    for (const found of line.matchAll(ESCAPE)) {
      add(line.slice(from, found.index));
      from = found.index + found[0].length;
      if (found[2] === "m") style = restyle(style, found[1]);
    }
    add(line.slice(from));
    return runs;
  });
  while (rows.at(-1)?.every(({ text }) => text.trim() === "")) rows.pop();
  return rows;
}

/** Parameters of "select graphic rendition": ECMA-48 8.3.117, and 90 to 107 as in aixterm. */
function restyle(style, parameters) {
  let next = style;
  for (const code of parameters.split(";").map(Number)) {
    if (code === 0) next = {};
    else if (code in SWITCHES) next = { ...next, ...SWITCHES[code] };
    else if (code >= 30 && code <= 37) next = { ...next, color: code - 30 };
    else if (code >= 90 && code <= 97) next = { ...next, color: code - 90 + 8 };
    else if (code >= 40 && code <= 47) next = { ...next, background: code - 40 };
    else if (code >= 100 && code <= 107) next = { ...next, background: code - 100 + 8 };
    else throw new Error(`Cannot draw the style ${code}: only the 16 colours are supported`);
  }
  return next;
}

const SWITCHES = {
  1: { bold: true },
  2: { dim: true },
  3: { italic: true },
  4: { underline: true },
  7: { reverse: true },
  22: { bold: false, dim: false },
  23: { italic: false },
  24: { underline: false },
  27: { reverse: false },
  39: { color: undefined },
  49: { background: undefined },
};
