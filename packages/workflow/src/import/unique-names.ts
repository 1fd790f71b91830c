/** Gives out names of a form, each once. */
export class UniqueNames {
  readonly #taken: Set<string>;
  readonly #next = new Map<string, number>();
  readonly #longest: number;

  /** @param longest - Most characters of a name. */
  constructor(longest: number, taken: Iterable<string> = []) {
    this.#longest = longest;
    this.#taken = new Set(taken);
  }

  /** The name itself, or with the first number that nobody has. */
  take(wanted: string): string {
    const base = wanted.slice(0, this.#longest);
    let name = base;
    for (let number = this.#next.get(base) ?? 2; this.#taken.has(name); number += 1) {
      const tail = `-${number}`;
      name = base.slice(0, this.#longest - tail.length) + tail;
      this.#next.set(base, number + 1);
    }
    this.#taken.add(name);
    return name;
  }
}

/**
 * A name in lower-case letters, digits, `-` and `_` that starts with a letter.
 *
 * @param kind - What stands in front where the name starts with something else.
 */
export function slugOf(name: string, kind: string): string {
  const slug = name
    .slice(0, 1000)
    .normalize("NFKD")
    .replaceAll(/\p{M}/gu, "")
    .toLowerCase()
    .replaceAll(/[^a-z0-9_-]+/g, "-")
    .replaceAll(/-{2,}/g, "-")
    .replaceAll(/^[-_]+|-+$/g, "");
  if (slug === "") return kind;
  return /^[a-z]/.test(slug) ? slug : `${kind}-${slug}`;
}
