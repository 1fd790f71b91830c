import type { DraftValue } from "../draft.ts";
import { at, entriesOf, itemsOf, textOf, textsOf, type ForeignTree } from "../tree.ts";
import { variableText } from "./gitlab-variables.ts";
import type { GitlabContext } from "./gitlab-context.ts";

type Mapping = { [key: string]: DraftValue };

/** `image`: undefined where there is no name. */
export function gitlabImage(node: ForeignTree, context: GitlabContext): DraftValue | undefined {
  const name = nameOf(node, "image", context);
  if (name === undefined || node.kind !== "map") return name;
  const image: Mapping = { name };
  // GitLab writes [""] so that the image's own entrypoint does not run. Here it never does.
  const entrypoint = textsOf(at(node, "entrypoint"));
  if (entrypoint.some((word) => word !== "")) image["entrypoint"] = entrypoint;
  const policies = textsOf(at(node, "pull_policy"));
  if (policies[0] !== undefined) image["pull_policy"] = policies[0];
  for (const key of ["platform", "user"]) {
    const value = textOf(at(at(node, "docker"), key));
    if (value !== undefined) image[key] = value;
  }
  noteOthers(node, ["name", "entrypoint", "pull_policy", "docker"], { what: "image", context });
  return Object.keys(image).length === 1 ? name : image;
}

/** `services`. */
export function gitlabServices(node: ForeignTree, context: GitlabContext): DraftValue {
  return itemsOf(node).flatMap((item): DraftValue[] => {
    const name = nameOf(item, "services", context);
    if (name === undefined) return [];
    if (item.kind !== "map") return [name];
    const service: Mapping = { name };
    const [alias, ...others] = (textOf(at(item, "alias")) ?? "").split(/[\s,]+/);
    if (alias !== undefined && alias !== "") service["alias"] = alias;
    if (others.length > 0)
      context.note(
        at(item, "alias") ?? item,
        `services: ${name} has one alias here: ${others.join(", ")} was left out`,
      );
    for (const key of ["command", "entrypoint"]) {
      const words = textsOf(at(item, key));
      if (words.length > 0) service[key] = words;
    }
    const variables = Object.create(null) as Record<string, string>;
    for (const [key, entry] of entriesOf(at(item, "variables"))) {
      const value = variableText(entry.node, (message) => {
        context.note(entry, `services: ${key}: ${message}`);
      });
      if (value !== undefined) variables[key] = value;
    }
    if (Object.keys(variables).length > 0) service["variables"] = variables;
    noteOthers(item, ["name", "alias", "command", "entrypoint", "variables"], { what: "services", context });
    return [Object.keys(service).length === 1 ? name : service];
  });
}

/** Longer than any name of an image. */
const MAX_NAME = 1000;

function nameOf(node: ForeignTree, key: string, context: GitlabContext): string | undefined {
  const written = textOf(node) ?? textOf(at(node, "name"));
  if (written === undefined || written.trim() === "") {
    context.note(node, `${key}: it has no name`);
    return undefined;
  }
  if (written.length <= MAX_NAME) return written;
  context.note(node, `${key}: its name has more than ${MAX_NAME} characters`);
  return undefined;
}

function noteOthers(
  node: ForeignTree,
  known: readonly string[],
  { what, context }: { readonly what: string; readonly context: GitlabContext },
): void {
  for (const [key, entry] of entriesOf(node))
    if (!known.includes(key)) context.note(entry, `${what}: ${key} was not carried over`);
}
