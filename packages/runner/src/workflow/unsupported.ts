import type { GraphNode } from "@loom/core";

type Unsupported = "image" | "services" | "secrets" | "cache" | "artifacts";

const HOST_ONLY = "fail to be set up by this version: it runs jobs on the host only";

/** What this version of the program does about a job that has a key it does not carry out, and what `check` says. */
const UNSUPPORTED: { readonly [Key in Unsupported]: readonly ["fails" | "left_out", message: string] } = {
  image: ["fails", `jobs with an image ${HOST_ONLY}`],
  services: ["fails", `jobs with services ${HOST_ONLY}`],
  secrets: ["fails", `jobs with secrets ${HOST_ONLY}`],
  cache: ["left_out", "a cache is not carried out yet: jobs run without it"],
  artifacts: ["left_out", "artifacts are not carried out yet: jobs run without them"],
};

const KEYS = Object.keys(UNSUPPORTED) as Unsupported[];

/** What the compiler is to say of each key that a run does not carry out. */
export const UNSUPPORTED_KEYS: Readonly<Record<string, string>> = Object.fromEntries(
  KEYS.map((key) => [key, UNSUPPORTED[key][1]]),
);

/** What a job asks for that no provider of this program can give it; `undefined` when the host will do. */
export function unmetNeed(node: GraphNode): string | undefined {
  const key = KEYS.find((name) => UNSUPPORTED[name][0] === "fails" && asksFor(node, name));
  return key === "image" ? `image "${node.image?.name}"` : key;
}

/** The keys that jobs of a run have and run without. */
export function leftOut(nodes: readonly GraphNode[]): readonly Unsupported[] {
  return KEYS.filter(
    (name) => UNSUPPORTED[name][0] === "left_out" && nodes.some((node) => asksFor(node, name)),
  );
}

function asksFor(node: GraphNode, key: Unsupported): boolean {
  const value = node[key];
  return value !== undefined && (!Array.isArray(value) || value.length > 0);
}
