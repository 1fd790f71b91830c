import { entriesOf, type ForeignTree, type TreeEntry } from "../tree.ts";

/** What keys of a job or of a step become. */
const OWN_NAMES: Readonly<Record<string, readonly string[]>> = {
  if: ["rules", "when", "if"],
  name: ["title", "name"],
  env: ["variables", "secrets"],
  container: ["image"],
  steps: ["script", "after_script"],
  strategy: ["matrix"],
  "timeout-minutes": ["timeout"],
  "continue-on-error": ["allow_failure"],
  "working-directory": ["dir"],
};

/** The values of a job or of a step by the keys that they have in a workflow, so that what is said of one is said at its line. */
export function underOwnNames(node: ForeignTree): ReadonlyMap<string, ForeignTree> {
  return new Map(
    entriesOf(node).flatMap(([key, entry]) => {
      const names = (Object.hasOwn(OWN_NAMES, key) ? OWN_NAMES[key] : undefined) ?? [key];
      return names.map((name) => [name, entry.node] as const);
    }),
  );
}

/** A step as such a tree. */
export function stepUnderOwnNames(step: ForeignTree): ForeignTree {
  const entries = new Map<string, TreeEntry>();
  for (const [name, node] of underOwnNames(step))
    entries.set(name, { file: node.file, line: node.line, node });
  return { kind: "map", file: step.file, line: step.line, entries };
}
