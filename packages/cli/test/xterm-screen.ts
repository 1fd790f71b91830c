import xterm from "@xterm/headless";

/** A terminal model: what a person would see. */
export interface XtermScreen {
  /** Resolves when the text has been worked in. */
  write(text: string): Promise<void>;
  resize(columns: number, rows: number): void;
  /** Rows as text, without trailing blanks. */
  rows(): string[];
  /** Every cell with its character and its colours. */
  cells(): string[];
  /** Whether the alternate screen is on. */
  alternate(): boolean;
}

/** Opens a screen of a size. */
export function openScreen(columns: number, rows: number): XtermScreen {
  const terminal = new xterm.Terminal({ cols: columns, rows, allowProposedApi: true, scrollback: 10_000 });
  const lines = (): ReturnType<typeof terminal.buffer.active.getLine>[] =>
    Array.from({ length: terminal.rows }, (_, y) =>
      terminal.buffer.active.getLine(terminal.buffer.active.viewportY + y),
    );
  return {
    write: (text) => new Promise((resolve) => terminal.write(text, resolve)),
    resize: (newColumns, newRows) => terminal.resize(newColumns, newRows),
    rows: () => lines().map((line) => line?.translateToString(true) ?? ""),
    alternate: () => terminal.buffer.active.type === "alternate",
    cells: () =>
      lines().map((line) =>
        Array.from({ length: terminal.cols }, (_, x) => {
          const cell = line?.getCell(x);
          return `${cell?.getChars() || " "}${cell?.getFgColor() ?? ""}${cell?.isBold() ? "b" : ""}`;
        }).join(","),
      ),
  };
}
