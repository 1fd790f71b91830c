import type { GraphNode } from "@loom/core";

type Unsupported = "services";

const NOT_YET = "fail to be set up: this version starts no services";

/** What `check` says of the keys that this version cannot carry out: a job that has one fails to be set up. */
export const UNSUPPORTED_KEYS: { readonly [Key in Unsupported]: string } = {
  services: `jobs with services ${NOT_YET}`,
};

const KEYS = Object.keys(UNSUPPORTED_KEYS) as Unsupported[];

/** What a job asks for that no provider of this program can give it; `undefined` when there is nothing of that kind. */
export function unmetNeed(node: GraphNode): string | undefined {
  if (node.image?.build !== undefined) return `an image to be built ("${node.image.name}")`;
  return KEYS.find((name) => asksFor(node, name));
}

function asksFor(node: GraphNode, key: Unsupported): boolean {
  const value = node[key];
  return value !== undefined && (!Array.isArray(value) || value.length > 0);
}
