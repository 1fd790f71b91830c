import { readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { workflowJsonSchema } from "./json-schema.ts";

const SHIPPED = "../../schema/workflow-v1.schema.json";

test("workflowJsonSchema() is what the package ships; write it anew with `vitest run -u`", async () => {
  const shipped = readFileSync(new URL(SHIPPED, import.meta.url), "utf8");
  const schema: unknown = JSON.parse(JSON.stringify(workflowJsonSchema()));
  // Only the content counts; how the file is laid out is the formatter's business.
  const same = isDeepStrictEqual(JSON.parse(shipped), schema);
  await expect(same ? shipped : `${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot(SHIPPED);
});
