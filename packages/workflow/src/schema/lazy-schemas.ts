import type * as z from "zod/mini";

/** Schemas by key, each made when it is first asked for. */
export type LazySchemas<K extends string> = { readonly [key in K]: () => z.ZodMiniType };

/**
 * Makes each schema once, on first use.
 *
 * A schema takes zod a tenth of a millisecond; a workflow of a few keys should
 * not pay for all of them.
 */
export function lazySchemas<K extends string>(makers: LazySchemas<K>): LazySchemas<K> {
  const made = new Map<string, z.ZodMiniType>();
  const lazy = Object.entries<() => z.ZodMiniType>(makers).map(([key, make]) => {
    const once = (): z.ZodMiniType => {
      const schema = made.get(key) ?? make();
      made.set(key, schema);
      return schema;
    };
    return [key, once] as const;
  });
  return Object.fromEntries(lazy) as LazySchemas<K>;
}

/** The schema of a key; undefined when there is none. */
export function schemaOf(schemas: LazySchemas<string>, key: string): z.ZodMiniType | undefined {
  return Object.hasOwn(schemas, key) ? schemas[key]?.() : undefined;
}
