import type { GraphNode } from "@loom/core";
import { unmetNeed } from "../workflow/unsupported.ts";

/** What sets a job up, or what the job asks for that nothing here has. */
export type ChosenProvider<P> =
  | { readonly provider: P; readonly unmetNeed?: undefined }
  | { readonly unmetNeed: string };

/** Chooses what sets a job up: `docker` for one with an image where somebody gave that, else this machine. */
export function chooseProvider<P>(
  node: GraphNode,
  providers: Readonly<Record<string, P>> & { readonly host: P },
): ChosenProvider<P> {
  const other = node.image === undefined ? undefined : providers["docker"];
  if (other !== undefined) return { provider: other };
  const need = unmetNeed(node);
  return need === undefined ? { provider: providers.host } : { unmetNeed: need };
}
