import fc from "fast-check";
import { expect, test } from "vitest";
import { containsAll } from "./contains-all.ts";

const ascending = fc.uniqueArray(fc.nat(20)).map((numbers) => numbers.toSorted((a, b) => a - b));

test("containsAll() agrees with looking at every one", () => {
  fc.assert(
    fc.property(ascending, ascending, (many, few) => {
      expect(containsAll(many, few)).toBe(few.every((number) => many.includes(number)));
    }),
  );
});

test("containsAll() finds any part of a long list", () => {
  fc.assert(
    fc.property(
      ascending.chain((many) => fc.tuple(fc.constant(many), fc.subarray(many))),
      ([many, few]) => {
        expect(containsAll(many, few)).toBe(true);
      },
    ),
  );
});
