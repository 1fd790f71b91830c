import { type TextStyle, fitRow, rowWidth } from "@loom/reporters/view";

/** A box with a border. */
export interface PaneInput {
  readonly width: number;
  readonly height: number;
  /** Shown in the upper border, on the left. */
  readonly title: string;
  /** Shown in the lower border, on the right. */
  readonly footer?: string;
  /** The content, cut or padded to the size. */
  readonly rows: readonly string[];
  readonly focused?: boolean;
  readonly style: TextStyle;
}

/** The rows of a box, each exactly `width` wide. */
export function paneRows(input: PaneInput): string[] {
  const { width, height, style } = input;
  const { corners, side } = style.glyphs;
  const paint = (text: string): string => style.palette.paint(input.focused === true ? "focus" : "dim", text);
  const inner = Math.max(0, width - 2);
  const rows = [topBorder(input, paint)];
  for (let row = 0; row < height - 2; row += 1) {
    const text = fitRow(input.rows[row] ?? "", inner, { pad: true, ellipsis: style.glyphs.ellipsis });
    rows.push(paint(side) + text + paint(side));
  }
  rows.push(paint(corners[2]) + bottomBorder(input, paint) + paint(corners[3]));
  return rows.slice(0, height);
}

/** The lower border between its corners: `──── 11/14 ─`. */
export function bottomBorder(
  input: Pick<PaneInput, "width" | "footer" | "style">,
  paint: (text: string) => string,
): string {
  const { rule, ellipsis } = input.style.glyphs;
  const inner = Math.max(0, input.width - 2);
  const footer =
    input.footer === undefined || input.footer === ""
      ? ""
      : ` ${fitRow(input.footer, inner - 3, { ellipsis })} `;
  const left = inner - rowWidth(footer) - 1;
  if (footer === "" || left < 0) return paint(rule.repeat(inner));
  return paint(rule.repeat(left)) + footer + paint(rule);
}

function topBorder(input: PaneInput, paint: (text: string) => string): string {
  const { corners, rule, ellipsis } = input.style.glyphs;
  const inner = Math.max(0, input.width - 2);
  if (input.title === "" || inner < 4) return paint(corners[0] + rule.repeat(inner) + corners[1]);
  const title = ` ${fitRow(input.title, inner - 3, { ellipsis })} `;
  const name = input.focused === true ? input.style.palette.paint("bold", title) : title;
  return (
    paint(corners[0] + rule) +
    name +
    paint(rule.repeat(Math.max(0, inner - 1 - rowWidth(title))) + corners[1])
  );
}
