import { expect, test } from "vitest";
import { foundErrorText } from "./found-error-text.ts";

test("foundErrorText() says where, what and who, as far as it is known", () => {
  const error = { tool: "tsc", message: "Type 'a' is not assignable" };
  expect(foundErrorText(error)).toBe("Type 'a' is not assignable (tsc)");
  expect(foundErrorText({ ...error, code: "TS2322", file: "src/a.ts", line: 4, column: 2 })).toBe(
    "src/a.ts:4:2 Type 'a' is not assignable (tsc TS2322)",
  );
  expect(foundErrorText({ ...error, file: "src/a.ts", severity: "warning" })).toBe(
    "src/a.ts Type 'a' is not assignable (tsc warning)",
  );
  const failed = { tool: "pytest", message: "assert 1 == 2", test: "test_sum" };
  expect(foundErrorText(failed)).toBe("test_sum: assert 1 == 2 (pytest)");
  expect(foundErrorText({ ...failed, message: "test_sum: no" })).toBe("test_sum: no (pytest)");
});
