/**
 * Throws where this program does not run on Node.
 *
 * Bun calls itself Node as well, and its pipes lose what a process prints: a
 * run there would be a success whose evidence has no line of output.
 */
export function requireNode(versions: Readonly<Record<string, string | undefined>> = process.versions): void {
  const bun = versions["bun"];
  if (bun !== undefined) throw new Error(`Loom needs Node 22.18 or newer, and this is Bun ${bun}`);
}
