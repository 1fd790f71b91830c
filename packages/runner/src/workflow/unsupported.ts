import type { GraphNode } from "@loom/core";

type Unsupported = "image" | "services";

const HOST_ONLY = "fail to be set up by this version: it runs jobs on the host only";

/** What `check` says of the keys that this version cannot carry out: a job that has one fails to be set up. */
export const UNSUPPORTED_KEYS: { readonly [Key in Unsupported]: string } = {
  image: `jobs with an image ${HOST_ONLY}`,
  services: `jobs with services ${HOST_ONLY}`,
};

const KEYS = Object.keys(UNSUPPORTED_KEYS) as Unsupported[];

/** What a job asks for that no provider of this program can give it; `undefined` when the host will do. */
export function unmetNeed(node: GraphNode): string | undefined {
  const key = KEYS.find((name) => asksFor(node, name));
  return key === "image" ? `image "${node.image?.name}"` : key;
}

function asksFor(node: GraphNode, key: Unsupported): boolean {
  const value = node[key];
  return value !== undefined && (!Array.isArray(value) || value.length > 0);
}
