import { err, ok, type Result } from "@loom/core";
import { howToInstall } from "./how-to-install.ts";

/** What Node says of a package that it does not find, and of a file that an installed package of Loom does not have. */
const NOT_FOUND =
  /^Cannot find (?:package '(?<absent>[^']+)'|module '[^']*\/node_modules\/(?<other>@loom\/[^/']+)\/)/u;

/**
 * Loads what comes from a package that not everybody installs.
 *
 * @returns What is missing and how to get it, as a clause: `@loom/loom-mcp is not installed. Run npm install …`.
 * @throws What the module throws, and Node's error for anything else that it does not find.
 */
export async function loadInstalled<T>(load: () => Promise<T>): Promise<Result<T, string>> {
  try {
    return ok(await load());
  } catch (cause) {
    const missing = missingPackage(cause);
    if (missing === undefined) throw cause;
    return err(missing);
  }
}

function missingPackage(thrown: unknown): string | undefined {
  if (!(thrown instanceof Error) || !("code" in thrown) || thrown.code !== "ERR_MODULE_NOT_FOUND")
    return undefined;
  const { absent, other } = NOT_FOUND.exec(thrown.message)?.groups ?? {};
  if (absent !== undefined) return `${absent} is not installed. Run ${howToInstall(absent)}`;
  if (other === undefined) return undefined;
  return `the installed ${other} belongs to another version of Loom. Run ${howToInstall("@loom/loom", other)}`;
}
