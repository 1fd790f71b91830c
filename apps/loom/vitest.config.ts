import { definePackageTests } from "@loom/vitest-config";
import { mergeConfig } from "vitest/config";

// Most tests look at what jobs leave in the project itself; those about snapshots take it away again.
export default mergeConfig(definePackageTests(["src/**/*.test.ts", "e2e/**/*.test.ts"]), {
  test: { env: { LOOM_IN_PLACE: "1" } },
});
