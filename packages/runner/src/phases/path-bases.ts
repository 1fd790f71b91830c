/** Characters that make a part of a path a pattern, or the name of a variable. */
const MAGIC = /[*?[\]{}()!+@\\$]/u;

/**
 * The folders and files that hold everything which patterns match: what stands before the first part that is a pattern; `.`
 * for the whole workspace. None lies in another.
 */
export function pathBases(patterns: readonly string[]): readonly string[] {
  const bases = patterns.map((pattern) => {
    const parts = pattern.split("/").filter((part) => part !== "" && part !== ".");
    const first = parts.findIndex((part) => MAGIC.test(part));
    return (first === -1 ? parts : parts.slice(0, first)).join("/") || ".";
  });
  if (bases.includes(".")) return ["."];
  const sorted = [...new Set(bases)].toSorted();
  return sorted.filter((base) => !sorted.some((other) => base.startsWith(`${other}/`)));
}
