import * as z from "zod/mini";
import { choiceSchema, whenSchema } from "./choice-schema.ts";
import { withEditorRule } from "./editor-rules.ts";
import type { CacheDefinition, CacheKeyDefinition } from "./job-definition.ts";
import { mappingSchema, type KeySchemas } from "./mapping-schema.ts";
import { mergeRules, WHOLE, type MergeRules, type SchemaMode } from "./merge-rules.ts";
import { quoteName } from "./quote-name.ts";
import { pathListSchema, textListSchema, textSchema } from "./text-schema.ts";

/** `cache`: one cache, or a list of named ones. */
export function cacheSchema(mode: SchemaMode): z.ZodMiniType {
  const merged = mergeRules(mode);
  const message = "make cache a mapping, or a list of named caches";
  const one = (rules: MergeRules, named: boolean): z.ZodMiniType => {
    const name = textSchema("add name: every cache in a list needs one", "set name to a text");
    const shape: KeySchemas<CacheDefinition> = {
      name: named ? name : rules.optional(name),
      disabled: rules.optional(z.boolean({ error: "set disabled to true or false" })),
      paths: rules.optional(pathListSchema("paths")),
      key: rules.optional(cacheKeySchema(rules)),
      fallback_keys: rules.optional(textListSchema("fallback_keys", "keys", { least: 0 })),
      policy: rules.optional(choiceSchema("policy", ["pull-push", "pull", "push"])),
      when: rules.optional(whenSchema()),
    };
    return mappingSchema<CacheDefinition>("cache", shape, message);
  };
  const hasPaths = z.refine<CacheDefinition>(
    (cache) => cache.paths !== undefined || cache.disabled === true,
    {
      error: "add paths to this cache, or set disabled: true",
      path: ["paths"],
    },
  );
  const inList = withEditorRule((one(WHOLE, true) as z.ZodMiniType<CacheDefinition>).check(hasPaths), {
    anyOf: [{ required: ["paths"] }, { required: ["disabled"], properties: { disabled: { const: true } } }],
  });
  const list = z.array(inList, { error: message }).check(
    // Even when something else is wrong with the caches, since every problem is reported.
    z.superRefine(reportTakenNames, { when: () => true }),
  );
  const single = one(merged, false);
  const alone = mode === "complete" ? (single as z.ZodMiniType<CacheDefinition>).check(hasPaths) : single;
  return z.union([alone, list], { error: message });
}

function reportTakenNames(caches: unknown, context: z.core.$RefinementCtx): void {
  const list: readonly unknown[] = Array.isArray(caches) ? caches : [];
  const seen = new Set<unknown>();
  for (const [index, cache] of list.entries()) {
    if (typeof cache !== "object" || cache === null || !("name" in cache)) continue;
    const { name } = cache;
    if (typeof name === "string" && seen.has(name)) {
      const message = `rename this cache: ${quoteName(name)} is taken`;
      context.addIssue({ code: "custom", path: [index, "name"], message });
    }
    seen.add(name);
  }
}

function cacheKeySchema(rules: MergeRules): z.ZodMiniType {
  const message = "set key to a text, or to a mapping with prefix, files and template";
  const shape: KeySchemas<CacheKeyDefinition> = {
    prefix: rules.optional(textSchema("add prefix", "set prefix to a text")),
    files: rules.optional(pathListSchema("files")),
    template: rules.optional(textSchema("add template", "set template to a text")),
  };
  return z.union(
    [textSchema(message, message), mappingSchema<CacheKeyDefinition>("cache key", shape, message)],
    {
      error: message,
    },
  );
}
