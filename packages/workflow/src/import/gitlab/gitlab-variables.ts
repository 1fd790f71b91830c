import { VARIABLE_NAME } from "../../schema/name-patterns.ts";
import { at, entriesOf, flagOf, isNothing, textOf, type ForeignTree } from "../tree.ts";
import type { GitlabContext } from "./gitlab-context.ts";

/** A mapping of variables: every value a text. */
export function gitlabVariables(
  node: ForeignTree,
  context: Pick<GitlabContext, "note">,
): Record<string, string> {
  const variables: Record<string, string> = {};
  for (const [name, entry] of entriesOf(node)) {
    if (!VARIABLE_NAME.test(name)) {
      context.note(
        entry,
        `variable ${name} was left out: names are in capitals here; export it in the script`,
      );
      continue;
    }
    const value = variableText(entry.node, (message, key = "") => {
      context.note(at(entry.node, key) ?? entry, `variable ${name}: ${message}`);
    });
    if (value !== undefined) variables[name] = value;
  }
  return variables;
}

/** The value of a variable, from its long form, too. */
export function variableText(
  node: ForeignTree,
  note: (message: string, key?: string) => void,
): string | undefined {
  if (isNothing(node)) return "";
  const short = textOf(node);
  if (short !== undefined) return short;
  for (const key of ["description", "options"])
    if (at(node, key) !== undefined) note(`${key} has no meaning here`, key);
  const value = textOf(at(node, "value"));
  if (value === undefined) note(node.kind === "map" ? "it has no value" : "its value is no text");
  return flagOf(at(node, "expand")) === false ? value?.replaceAll("$", "$$$$") : value;
}
