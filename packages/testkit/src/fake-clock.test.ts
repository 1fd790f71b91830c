import { expect, test } from "vitest";
import { FakeClock } from "./fake-clock.ts";

test("advance() makes the calls that fall due in order of their moment, and those they ask for", () => {
  const clock = new FakeClock(1_000);
  const seen: string[] = [];
  const note = (name: string) => () => void seen.push(`${name} ${clock.now()}`);
  clock.after(30, note("late"));
  clock.after(10, () => {
    note("early")();
    clock.after(5, note("nested"));
  });
  clock.after(10, note("tie"));
  const cancel = clock.after(20, note("cancelled"));
  cancel();

  clock.advance(29);
  expect(seen).toEqual(["early 1010", "tie 1010", "nested 1015"]);
  expect({ now: clock.now(), pending: clock.pending }).toEqual({ now: 1_029, pending: 1 });

  clock.advance(1);
  expect(seen.at(-1)).toBe("late 1030");
});
