import { expect, test } from "vitest";
import { readTraceparent, spanIdOf, traceAround, traceparent } from "./trace-context.ts";

const TRACE = "0af7651916cd43dd8448eb211c80319c";
const SPAN = "b7ad6b7169203331";

test("readTraceparent() reads what traceparent() writes, and of later versions what it knows", () => {
  const read = { traceId: TRACE, parentSpanId: SPAN };
  expect(readTraceparent(traceparent(read))).toEqual(read);
  expect(readTraceparent(`cc-${TRACE}-${SPAN}-00-more`)).toEqual(read);
});

test.each([
  undefined,
  "",
  "00",
  `00-${TRACE}-${SPAN}`,
  `00-${TRACE}-${SPAN}-01-more`,
  `ff-${TRACE}-${SPAN}-01`,
  `00-${TRACE.toUpperCase()}-${SPAN}-01`,
  `00-${"0".repeat(32)}-${SPAN}-01`,
  `00-${TRACE}-${"0".repeat(16)}-01`,
])("readTraceparent() refuses %s", (text) => {
  expect(readTraceparent(text)).toBeUndefined();
});

test("traceAround() takes a trace over, or begins one", () => {
  expect(traceAround(`00-${TRACE}-${SPAN}-01`)).toEqual({ traceId: TRACE, parentSpanId: SPAN });
  const [one, other] = [traceAround(undefined), traceAround("nonsense")];
  expect(one.traceId).toMatch(/^[\da-f]{32}$/u);
  expect(one.traceId).not.toBe(other.traceId);
});

test("spanIdOf() is the same for the same span of a run, and another one for any other", () => {
  const id = (run: string, span: string): string => spanIdOf({ traceId: TRACE }, run, span);
  expect(id("a", "run")).toMatch(/^[\da-f]{16}$/u);
  expect(new Set([id("a", "run"), id("a", "run"), id("b", "run"), id("a", "jobs/x")]).size).toBe(3);
});
