import { expect, test } from "vitest";
import { fileTime } from "./file-time.ts";

test("fileTime() is the same microsecond, whether what is below one is cut off or rounded", () => {
  for (let micros = 1_796_005_810_935_000; micros < 1_796_005_810_936_000; micros += 1) {
    const seconds = fileTime(micros / 1000);
    const nanos = (seconds - Math.trunc(seconds)) * 1_000_000_000;
    const wanted = micros % 1_000_000;
    expect([Math.trunc(Math.trunc(nanos) / 1000), Math.round(nanos / 1000)]).toEqual([wanted, wanted]);
  }
  expect([fileTime(0), fileTime(1_000_000_000_000)]).toEqual([0, 1_000_000_000]);
});
