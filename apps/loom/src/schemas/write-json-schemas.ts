import { writeFileSync } from "node:fs";
import * as z from "zod";
import { loadOutputSchemas } from "./output-schemas.ts";
import { SCHEMAS } from "./schema-names.ts";

// The build runs this file, so that the program carries no code that only its schemas need. Its argument is the file to write.
const [, , path = ""] = process.argv;
const schemas = await loadOutputSchemas();
const jsonSchemas = SCHEMAS.map(({ name, help }) => {
  // As input, further keys are allowed: a later version may write some.
  const { $schema, ...schema } = z.toJSONSchema(schemas[name], { io: "input", unrepresentable: "any" });
  return [name, { $schema, title: `loom ${name}`, description: help, ...schema }] as const;
});
writeFileSync(path, `${JSON.stringify(Object.fromEntries(jsonSchemas))}\n`);
