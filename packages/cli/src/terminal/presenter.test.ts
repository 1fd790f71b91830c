import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { openScreen } from "../../test/xterm-screen.ts";
import type { FrameTarget } from "./frame-target.ts";
import { Presenter, type Hole } from "./presenter.ts";
import { enterScreen, leaveScreen } from "./terminal-modes.ts";

/** A terminal that accepts one write at a time, which is done when the test says so. */
class StepTarget implements FrameTarget {
  readonly sent: string[] = [];
  #done: ((gone: boolean) => void) | undefined;

  write(text: string, done: (gone: boolean) => void): void {
    if (this.#done !== undefined) throw new Error("A second write while one is in progress");
    this.sent.push(text);
    this.#done = done;
  }

  writeNow(text: string): void {
    this.sent.push(text);
  }

  release(gone = false): void {
    const done = this.#done;
    this.#done = undefined;
    done?.(gone);
  }
}

const text = fc.oneof(
  fc.string({ unit: fc.constantFrom("a", "b", " ", "1"), maxLength: 24 }),
  fc.constantFrom("世界 世界", "\u001B[31mred\u001B[0m plain", "│ ─┐", "e\u0301e\u0301", "", "x".repeat(60)),
  fc.constantFrom(
    "│ \uE000 a",
    "\u001B[31m\uE000 \u001B[0mb \uE000",
    "世 \uE000",
    "\u001B[1m─\u001B[22m\uE000─",
  ),
);
const frame = fc.record({
  rows: fc.array(text, { minLength: 8, maxLength: 10 }),
  holes: fc.array(
    fc.record({
      x: fc.integer({ min: 0, max: 20 }),
      y: fc.integer({ min: 0, max: 6 }),
      width: fc.integer({ min: 1, max: 12 }),
      rows: fc.array(text, { maxLength: 4 }),
    }),
    { maxLength: 2 },
  ),
});
const script = fc.array(
  fc.oneof(
    { weight: 6, arbitrary: fc.record({ kind: fc.constant("show" as const), frame }) },
    { weight: 3, arbitrary: fc.record({ kind: fc.constant("release" as const) }) },
    {
      weight: 3,
      arbitrary: fc.record({ kind: fc.constant("spin" as const), sign: fc.constantFrom("⠋", "⠙", "⠹") }),
    },
    {
      weight: 1,
      arbitrary: fc.record({
        kind: fc.constant("resize" as const),
        columns: fc.integer({ min: 1, max: 40 }),
      }),
    },
  ),
  { minLength: 2, maxLength: 12 },
);

/** Cuts rows to the width of a screen, as Ink does with a frame. */
function cut(rows: readonly string[], columns: number): string[] {
  return rows.map((row) =>
    row.startsWith("\u001B") || row.includes("世") ? (columns < 12 ? "" : row) : row.slice(0, columns),
  );
}

describe("Presenter", () => {
  test("shows the last frame after any sequence of frames, stalls and resizes, as if it were the first", async () => {
    await fc.assert(
      fc.asyncProperty(script, async (steps) => {
        const incremental = openScreen(30, 10);
        const target = new StepTarget();
        let size = { columns: 30, rows: 10 };
        const presenter = new Presenter(target, size);
        presenter.open(enterScreen());
        let last: { rows: string[]; holes: Hole[] } = { rows: [], holes: [] };
        let sign = " ";
        let sent = 0;
        const drain = async (): Promise<void> => {
          for (; sent < target.sent.length; sent += 1) await incremental.write(target.sent[sent] ?? "");
        };
        for (const step of steps) {
          if (step.kind === "show") {
            last = { rows: cut(step.frame.rows, size.columns), holes: step.frame.holes };
            presenter.show(last.rows, last.holes);
          } else if (step.kind === "release") target.release();
          else if (step.kind === "spin") {
            ({ sign } = step);
            presenter.spin(sign, true);
          } else {
            await drain();
            size = { columns: step.columns, rows: 10 };
            incremental.resize(size.columns, size.rows);
            presenter.resize(size);
            last = { ...last, rows: cut(last.rows, size.columns) };
            presenter.show(last.rows, last.holes);
          }
          await drain();
        }
        presenter.show(last.rows, last.holes);
        for (let turn = 0; turn < 3; turn += 1) target.release();
        await drain();

        const fresh = openScreen(size.columns, size.rows);
        const freshTarget = new StepTarget();
        const other = new Presenter(freshTarget, size);
        other.spin(sign, false);
        other.show(last.rows, last.holes);
        other.open(enterScreen());
        for (const chunk of freshTarget.sent) await fresh.write(chunk);
        expect(incremental.cells()).toEqual(fresh.cells());
      }),
      { numRuns: 300 },
    );
  });

  test("keeps a hole on top of what it covers when only that one turns or changes", () => {
    const target = new StepTarget();
    const presenter = new Presenter(target, { columns: 20, rows: 1 });
    presenter.open("");
    const holes = (below: string): Hole[] => [
      { x: 0, y: 0, width: 4, rows: [below] },
      { x: 3, y: 0, width: 4, rows: ["top"] },
      { x: 10, y: 0, width: 4, rows: ["apart"] },
    ];
    presenter.show([""], holes("a \uE000"));
    target.release();
    presenter.spin("b", true);
    target.release();
    presenter.fill(holes("c"));
    const top = "\u001B[1;4H\u001B[4Xtop";
    expect(target.sent.slice(1)).toEqual([
      `\u001B[?2026h\u001B[1;1H\u001B[4Xa b${top}\u001B[?2026l`,
      `\u001B[?2026h\u001B[1;1H\u001B[4Xc${top}\u001B[?2026l`,
    ]);
  });

  test("writes nothing when nothing differs, and only the hole when only the hole differs", () => {
    const target = new StepTarget();
    const presenter = new Presenter(target, { columns: 20, rows: 3 });
    presenter.open("");
    const hole = (row: string): Hole[] => [{ x: 2, y: 1, width: 5, rows: [row] }];
    presenter.show(["one", "two", "three"], hole("log"));
    target.release();
    presenter.show(["one", "two", "three"], hole("log"));
    target.release();
    expect(target.sent).toHaveLength(1);
    presenter.fill(hole("log2"));
    expect(target.sent[1]).toBe("\u001B[?2026h\u001B[2;3H\u001B[5Xlog2\u001B[?2026l");
  });

  test("writes only the cells of spinners when they turn, where all terminals agree on their columns", () => {
    const target = new StepTarget();
    const presenter = new Presenter(target, { columns: 20, rows: 3 });
    presenter.spin("a", false);
    presenter.open("");
    const rows = ["│ \u001B[36m\uE000\u001B[39m one \uE000", "no spinner", "世 \uE000"];
    presenter.show(rows, [{ x: 8, y: 0, width: 5, rows: ["log"] }]);
    target.release();
    presenter.spin("b", true);
    target.release();
    // The second one of the first row is below the log.
    expect(target.sent[1]).toBe(
      "\u001B[?2026h\u001B[1;3H\u001B[36mb\u001B[0m\u001B[3;1H\u001B[2K世 b\u001B[?2026l",
    );
    presenter.spin("b", true);
    target.release();
    expect(target.sent).toHaveLength(2);
  });

  test("drops frames while a write is in progress, and then shows the last", () => {
    const target = new StepTarget();
    const presenter = new Presenter(target, { columns: 20, rows: 1 });
    presenter.open("");
    for (let frame = 0; frame < 100; frame += 1) presenter.show([`frame ${frame}`], []);
    expect(target.sent).toHaveLength(1);
    target.release();
    expect(target.sent).toHaveLength(2);
    expect(target.sent[1]).toContain("frame 99");
  });

  test("sends no frame between the end of a write and what waited for it", async () => {
    const target = new StepTarget();
    const presenter = new Presenter(target, { columns: 20, rows: 2 });
    presenter.open("<enter>");
    presenter.show(["one"], []);
    const printed = presenter.idle().then(() => {
      presenter.close("<leave>");
      target.writeNow("<hint>");
    });
    presenter.show(["two"], []);
    target.release();
    await printed;
    await new Promise((resolve) => void setImmediate(resolve));
    expect(target.sent.slice(-2)).toEqual(["<leave>", "<hint>"]);
    expect(target.sent.join("")).not.toContain("two");
  });

  test("gives the terminal back again when a frame in progress may have come after the first time", async () => {
    const target = new StepTarget();
    const presenter = new Presenter(target, { columns: 20, rows: 3 });
    presenter.open("enter");
    let isIdle = false;
    const idle = presenter.idle().then(() => {
      isIdle = true;
    });
    presenter.close("leave");
    expect(target.sent).toEqual(["enter", "leave"]);
    await Promise.resolve();
    expect(isIdle).toBe(false);
    target.release();
    await idle;
    expect(target.sent).toEqual(["enter", "leave", "leave"]);
    await presenter.idle();
    // Opened again before the frame was sent: then it stays open.
    presenter.open("enter");
    presenter.close("leave");
    presenter.open("again");
    target.release();
    expect(target.sent.slice(3)).toEqual(["enter", "leave", "again"]);
  });

  test("stops quietly when the terminal is gone", () => {
    let gone = 0;
    const target = new StepTarget();
    const presenter = new Presenter(target, { columns: 20, rows: 1 }, () => (gone += 1));
    presenter.open("");
    presenter.show(["a"], []);
    target.release(true);
    presenter.show(["b"], []);
    presenter.close(leaveScreen());
    expect({ gone, writes: target.sent.length }).toEqual({ gone: 1, writes: 1 });
  });

  test("never clears the scrollback", () => {
    expect(enterScreen() + leaveScreen()).not.toContain("3J");
  });
});
