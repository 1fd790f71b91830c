import type { GraphNode } from "@loom/core";

/** What a job asks for that nothing can give it; `undefined` when there is nothing of that kind. */
export function unmetNeed({ image, services = [] }: GraphNode): string | undefined {
  return image === undefined && services.length > 0
    ? "services, which only a job with an image can reach"
    : undefined;
}
