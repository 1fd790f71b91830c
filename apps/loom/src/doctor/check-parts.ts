import { readFileSync } from "node:fs";
import { fileURLToPath } from "node:url";
import { howToInstall } from "@loom/system";
import { LOOM_VERSION } from "../loom-version.ts";
import type { DoctorFinding } from "./doctor-finding.ts";

/** The parts of the program that are installed by themselves, and what each is for. */
const PARTS = [
  ["@loom/loom-containers", "jobs with an image"],
  ["@loom/loom-mcp", "loom mcp"],
  ["@loom/loom-remote", "jobs on other machines"],
  ["@loom/loom-report", "loom report --html"],
] as const;

/** Which parts are installed. Whether a job of the workflow needs one is found by the checks of engine and workers. */
export function checkParts(): DoctorFinding {
  const installed = new Map(PARTS.map(([name]) => [name, versionOf(name)]));
  const others = PARTS.filter(([name]) => ![undefined, LOOM_VERSION].includes(installed.get(name)));
  if (others.length > 0) {
    const found = others.map(([name]) => `${name} is installed in version ${installed.get(name)}`).join(", ");
    return {
      state: "warning",
      found: `${found}, and this Loom has ${LOOM_VERSION}`,
      advice: `Install the same version of all: ${howToInstall("@loom/loom", ...others.map(([name]) => name))}`,
    };
  }
  const missing = PARTS.filter(([name]) => installed.get(name) === undefined);
  if (missing.length === 0)
    return { state: "ok", found: "All parts are installed: containers, MCP, other machines, HTML reports" };
  const uses = missing.map(([name, use]) => `${name} (${use})`).join(", ");
  return {
    state: "note",
    found:
      missing.length === 1
        ? `1 part is not installed: ${uses}`
        : `${missing.length} parts are not installed: ${uses}`,
    advice: `Nothing has to be done to run jobs here. For what else you want: ${howToInstall("PART")}`,
  };
}

/** The version of a package beside this program, `undefined` when there is none. */
function versionOf(name: string): string | undefined {
  try {
    const path = fileURLToPath(import.meta.resolve(`${name}/package.json`));
    return (JSON.parse(readFileSync(path, "utf8")) as { readonly version: string }).version;
  } catch {
    return undefined;
  }
}
