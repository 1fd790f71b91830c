import { describe, test } from "node:test";
import { reporterContract } from "@loom/contract-suites";
import { createReporter } from "./markdown.mjs";

describe("createReporter()", { timeout: 60_000 }, () => {
  for (const { name, run } of reporterContract((output) => createReporter({ output }))) test(name, run);
});
