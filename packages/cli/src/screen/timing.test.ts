import { FakeClock } from "@loom/testkit";
import { expect, test } from "vitest";
import { KEY_INTERVAL_MS, RENDER_INTERVAL_MS, Timing } from "./timing.ts";

function arrange(): { readonly clock: FakeClock; readonly timing: Timing; readonly done: string[] } {
  const clock = new FakeClock();
  return { clock, timing: new Timing(clock), done: [] };
}

test("render() keeps an interval after the last frame, which is shorter for a key", () => {
  const { clock, timing, done } = arrange();
  timing.rendered(clock.now());
  timing.render(() => done.push("run"), false);
  clock.advance(RENDER_INTERVAL_MS - 1);
  expect(done).toEqual([]);
  clock.advance(1);
  expect(done).toEqual(["run"]);
  timing.rendered(clock.now());
  timing.render(() => done.push("run"), false);
  timing.render(() => done.push("key"), true);
  clock.advance(KEY_INTERVAL_MS);
  expect(done).toEqual(["run", "key"]);
  clock.advance(RENDER_INTERVAL_MS);
  expect(done).toEqual(["run", "key"]);
});

/** How many milliseconds there are between the beginnings of frames for the run, each of which takes some. */
function intervalsOf(frames: number, tookMs: number): readonly number[] {
  const { clock, timing } = arrange();
  const begun: number[] = [];
  const draw = (): void => {
    const sinceMs = clock.now();
    begun.push(sinceMs);
    clock.advance(tookMs);
    timing.rendered(sinceMs);
    timing.render(draw, false);
  };
  timing.render(draw, false);
  while (begun.length <= frames) clock.advance(1);
  return begun.slice(1).map((ms, index) => ms - (begun[index] ?? 0));
}

test("render() draws at once after a while, and then keeps to its share of a core", () => {
  const intervals = intervalsOf(30, 10);
  expect(intervals.slice(0, 4)).toEqual([100, 100, 100, 100]);
  expect(new Set(intervals.slice(-10))).toEqual(new Set([1000]));
});

test("render() rests for a second at most, however long a frame took", () => {
  expect(intervalsOf(3, 300)).toEqual([1300, 1300, 1300]);
});

test("render() does not make a key wait for its share", () => {
  const { clock, timing, done } = arrange();
  const sinceMs = clock.now();
  clock.advance(300);
  timing.rendered(sinceMs);
  timing.render(() => done.push("key"), true);
  clock.advance(0);
  expect(done).toEqual(["key"]);
});

test("paintLog() keeps to its share as well, except for a search", () => {
  const { clock, timing, done } = arrange();
  const paints = (isSearching: boolean): number => {
    done.length = 0;
    for (const endMs = clock.now() + 2_000; clock.now() < endMs; clock.advance(1))
      timing.paintLog(() => {
        done.push("paint");
        const sinceMs = clock.now();
        clock.advance(2);
        timing.logPainted(sinceMs);
      }, isSearching);
    return done.length;
  };
  paints(false);
  expect(paints(false)).toBeLessThanOrEqual(21);
  expect(paints(true)).toBeGreaterThan(100);
});

test("after() keeps one timer of each name, until it fires or is cancelled", () => {
  const { clock, timing, done } = arrange();
  timing.after("clock", 10, () => done.push("first"));
  timing.after("clock", 1, () => done.push("second"));
  expect(timing.isDue("clock")).toBe(true);
  clock.advance(10);
  expect([timing.isDue("clock"), ...done]).toEqual([false, "first"]);
  timing.after("escape", 10, () => done.push("cancelled"));
  timing.cancel("escape");
  clock.advance(10);
  expect(done).toEqual(["first"]);
});

test("close() cancels all timers, and allows no new ones", () => {
  const { clock, timing, done } = arrange();
  timing.paintLog(() => done.push("log"), false);
  timing.close();
  timing.render(() => done.push("render"), true);
  clock.advance(1000);
  expect(done).toEqual([]);
});
