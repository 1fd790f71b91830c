import { err, ok, type Result } from "@loom/core";
import type { ByteName } from "./byte-name.ts";

/**
 * The name of an entry in its shortest form, relative to the root.
 *
 * The root itself is the empty name.
 *
 * @returns When it could lead out of the root: what is wrong with it, as the end of a sentence.
 */
export function cleanName(name: ByteName): Result<ByteName, string> {
  if (name.startsWith("/")) return err("its name is absolute");
  if (name.includes("\0")) return err("its name has a NUL byte");
  if (PLAIN.test(name)) return ok(name);
  const parts = name.split("/").filter((part) => part !== "" && part !== ".");
  if (parts.includes("..")) return err('its name has ".." in it');
  return ok(parts.join("/"));
}

/** Segments that do not begin with a dot, separated by single slashes: nearly every name. */
const PLAIN = /^[^./][^/]*(?:\/[^./][^/]*)*$/;
