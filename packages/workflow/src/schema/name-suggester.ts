import { nearestName } from "./nearest-name.ts";

/**
 * How many names one suggester looks up. A file of a hundred thousand mistakes
 * would otherwise cost their number times that of the known names.
 */
const MAX_LOOKUPS = 100;

/** Returns the nearest of the known names for the first hundred names it is asked about, then nothing. */
export function nameSuggester(known: Iterable<string>): (name: string) => string | undefined {
  let lookups = 0;
  return (name) => {
    lookups += 1;
    return lookups > MAX_LOOKUPS ? undefined : nearestName(name, known);
  };
}
