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

test("render() rests longer after a frame that took long, but not for a key, nor for ever", () => {
  const { clock, timing, done } = arrange();
  const framesIn = (tookMs: number, afterMs: number): number => {
    const sinceMs = clock.now();
    clock.advance(tookMs);
    timing.rendered(sinceMs);
    done.length = 0;
    timing.render(() => done.push("run"), false);
    clock.advance(afterMs - tookMs);
    return done.length;
  };
  expect([framesIn(10, 199), framesIn(10, 200)]).toEqual([0, 1]);
  expect([framesIn(300, 499), framesIn(300, 500)]).toEqual([0, 1]);
  timing.render(() => done.push("key"), true);
  clock.advance(KEY_INTERVAL_MS);
  expect(done).toEqual(["run", "key"]);
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
