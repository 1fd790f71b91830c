import { execFileSync } from "node:child_process";
import { join } from "node:path";
import { fileURLToPath } from "node:url";
import { definePart } from "@loom/tsup-config";

const DOCS = fileURLToPath(new URL("../../docs", import.meta.url));
const WRITER = fileURLToPath(new URL("../../tooling/scripts/write-docs.mjs", import.meta.url));

export default definePart({
  files: ["sdk"],
  // Of the SDK: the validator of forms that a client fills in. The server has none to fill in, and says so.
  unused: ["ajv", "ajv-formats"],
  // `loom mcp` serves the documentation: whoever installed the program has no other copy.
  onBuilt: (folder) => {
    execFileSync(process.execPath, [WRITER, DOCS, join(folder, "docs.json")], { stdio: "inherit" });
  },
});
