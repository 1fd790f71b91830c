import { imageOf } from "@loom/core";
import type { GraphNode } from "@loom/core";
import { unmetNeed } from "./unmet-need.ts";

/** What sets a job up, or what the job asks for that nothing here has. */
export type ChosenProvider<P> =
  | { readonly provider: P; readonly unmetNeed?: undefined }
  | { readonly unmetNeed: string };

/** Chooses what sets a job up: `docker` for one with an image, else this machine. */
export function chooseProvider<P>(
  node: GraphNode,
  providers: Readonly<Record<string, P>> & { readonly host: P },
): ChosenProvider<P> {
  const need = unmetNeed(node);
  if (need !== undefined) return { unmetNeed: need };
  const image = imageOf(node);
  if (image === undefined) return { provider: providers.host };
  const provider = providers["docker"];
  return provider === undefined ? { unmetNeed: `image "${image.name}"` } : { provider };
}
