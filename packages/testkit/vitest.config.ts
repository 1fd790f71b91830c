import { defineConfig } from "vitest/config";

// As `@loom/vitest-config` has it for every other package: sources instead of dist/.
export default defineConfig({
  resolve: { conditions: ["@loom/source"] },
  ssr: { resolve: { conditions: ["@loom/source"] } },
  test: { include: ["src/**/*.test.ts"] },
});
