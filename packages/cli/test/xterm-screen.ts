import xterm from "@xterm/headless";

/** A terminal emulator, to check what a user would see. */
export interface XtermScreen {
  /** Resolves when the text has been processed. */
  write(text: string): Promise<void>;
  resize(columns: number, rows: number): void;
  /** The rows as text, without trailing blanks. */
  rows(): string[];
  /** The cells of each row: character, foreground colour and boldness. */
  cells(): string[];
  /** Whether the alternate screen is on. */
  alternate(): boolean;
}

/** Opens a terminal emulator of a size. Unit: cells. */
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
