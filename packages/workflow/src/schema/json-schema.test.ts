import { expect, test } from "vitest";
import { workflowJsonSchema } from "./json-schema.ts";

test("workflowJsonSchema() is what the package ships; write it anew with `vitest run -u`", async () => {
  const text = `${JSON.stringify(workflowJsonSchema(), undefined, 2)}\n`;
  await expect(text).toMatchFileSnapshot("../../schema/workflow-v1.schema.json");
});
