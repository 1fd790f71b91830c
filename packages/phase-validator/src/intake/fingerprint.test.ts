import { expect, test } from "vitest";
import { fingerprint } from "./fingerprint.ts";

test("fingerprint() tells texts apart that differ in one character, its place or their length", () => {
  const texts = ["", "a", "b", "ab", "ba", "aa", "aaa", "a\u{0}", "\u{0}", "\u{1f600}"];
  for (let index = 0; index < 2000; index++)
    texts.push(`{"seq":${index},"status":"success"}`, "x".repeat(index + 4));
  expect(new Set(texts.map(fingerprint)).size).toBe(texts.length);
  expect(texts.map(fingerprint).every((print) => Number.isSafeInteger(print) && print >= 0)).toBe(true);
  expect(Math.max(...texts.map(fingerprint))).toBeGreaterThan(2 ** 52);
});
