import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { EXIT_CODE } from "../exit-code.ts";
import { formatJson, printable } from "../printable.ts";
import type { ProcessIo } from "../process-io.ts";
import { isSchemaName, SCHEMAS, type SchemaName } from "../schemas/schema-names.ts";

/** What the build writes: the schemas by name, beside the program; run from its sources, the program has those of the last build. */
const FILE = new URL(
  import.meta.url.endsWith(".ts") ? "../../dist/schemas.json" : "schemas.json",
  import.meta.url,
);

/**
 * Prints the JSON Schema of something that Loom writes; without a name, what there is.
 *
 * @returns 0; 1 when the schemas cannot be read; 2 for a name that there is not.
 */
export async function schemaCommand(name: string | undefined, io: ProcessIo): Promise<number> {
  const { stdout, stderr } = io;
  if (name === undefined) {
    const width = Math.max(...SCHEMAS.map((each) => each.name.length));
    for (const each of SCHEMAS) stdout.write(`${each.name.padEnd(width)}  ${each.help}\n`);
    return EXIT_CODE.success;
  }
  if (!isSchemaName(name)) {
    const { likelyName } = await import("../name-jobs.ts");
    const near = likelyName(
      name,
      SCHEMAS.map((each) => each.name),
    );
    const instead = near === undefined ? "loom schema lists them" : `Did you mean "${near}"?`;
    stderr.write(printable(`loom: There is no schema "${name}". ${instead}\n`));
    return EXIT_CODE.usage;
  }
  let text: string;
  try {
    text = readFileSync(FILE, "utf8");
  } catch {
    stderr.write(
      printable(`loom: Cannot read "${fileURLToPath(FILE)}", a part of this program: install it again\n`),
    );
    return EXIT_CODE.failure;
  }
  const schemas = JSON.parse(text) as Readonly<Record<SchemaName, object>>;
  stdout.write(formatJson(schemas[name]));
  return EXIT_CODE.success;
}
