import { existsSync, readFileSync } from "node:fs";
import { isDeepStrictEqual } from "node:util";
import { expect, test } from "vitest";
import { compileWorkflow } from "../compile-workflow.ts";
import { KEY_NOTES } from "./key-notes.ts";
import { templateJsonSchema, workflowJsonSchema } from "./json-schema.ts";

const SHIPPED = [
  ["workflow-v1.schema.json", workflowJsonSchema],
  ["workflow-template-v1.schema.json", templateJsonSchema],
] as const;

test.each(SHIPPED)("%s is what the package ships; write it anew with `vitest run -u`", async (name, make) => {
  const path = `../../schema/${name}`;
  const file = new URL(path, import.meta.url);
  const shipped = existsSync(file) ? readFileSync(file, "utf8") : "{}";
  const schema: unknown = JSON.parse(JSON.stringify(make()));
  // Only the content counts; how the file is laid out is the formatter's business.
  const same = isDeepStrictEqual(JSON.parse(shipped), schema);
  await expect(same ? shipped : `${JSON.stringify(schema, undefined, 2)}\n`).toMatchFileSnapshot(path);
});

test("docs/workflow.md has a row for each key at the root and in a job", () => {
  const page = readFileSync(new URL("../../../../docs/workflow.md", import.meta.url), "utf8");
  const rows = ["## Root keys\n", "## Job keys\n"].flatMap((heading) => {
    const table = (page.split(heading)[1] ?? "").split("\n#")[0] ?? "";
    return [...table.matchAll(/^\| `([a-z_]+)` /gm)].map(([, key]) => key);
  });
  const keys = Object.keys(KEY_NOTES).filter((path) => !path.includes("."));
  expect(new Set(rows)).toEqual(new Set(keys));
});

interface Plain {
  readonly $ref?: string;
  readonly title?: string;
  readonly description?: string;
  readonly default?: unknown;
  readonly properties?: Readonly<Record<string, Plain>>;
  readonly anyOf?: readonly Plain[];
  readonly oneOf?: readonly Plain[];
  readonly definitions?: Readonly<Record<string, Plain>>;
}

const schema = JSON.parse(JSON.stringify(workflowJsonSchema())) as Plain & { readonly $id: string };

/** Every mapping below a value, with the way to it. */
function inside(value: unknown, path = ""): readonly (readonly [string, Plain])[] {
  if (typeof value !== "object" || value === null) return [];
  const own: readonly (readonly [string, Plain])[] = Array.isArray(value) ? [] : [[path, value as Plain]];
  return [...own, ...Object.entries(value).flatMap(([key, inner]) => inside(inner, `${path}/${key}`))];
}

test("workflowJsonSchema() describes every key, and each by a note of its own", () => {
  const keys = inside(schema).flatMap(([path, { properties = {} }]) =>
    Object.entries(properties).map(([key, property]) => [`${path}/${key}`, property] as const),
  );
  const silent = keys.filter(([, { description }]) => description === undefined).map(([path]) => path);
  // That rule of one key about another has no place where a key is written.
  expect(silent).toEqual(["/definitions/cache_entry/anyOf/1/disabled"]);
  const described = new Set(keys.map(([, { description }]) => description));
  const unused = Object.entries(KEY_NOTES).filter(([, { description }]) => !described.has(description));
  expect(unused).toEqual([]);
});

test("workflowJsonSchema() heads each key by its name, and no form of a value as what holds it or as another form", () => {
  const keys = inside(schema).flatMap(([, { properties = {} }]) => Object.entries(properties));
  const described = keys.filter(([, { description }]) => description !== undefined);
  expect(described.filter(([key, { title }]) => title !== key)).toEqual([]);
  const choices = inside(schema).filter(([, { anyOf, oneOf }]) => anyOf !== undefined || oneOf !== undefined);
  expect(choices.length).toBeGreaterThan(50);
  const joined = choices.flatMap(([path, { title, anyOf = [], oneOf = [] }]) => {
    const titles = [...anyOf, ...oneOf].map((form) => form.title);
    const isClear =
      new Set([title, ...titles, undefined]).size === titles.length + (title === undefined ? 1 : 2);
    return isClear ? [] : [[path, title, ...titles]];
  });
  expect(joined).toEqual([]);
});

test("workflowJsonSchema() names its definitions after the keys they are for", () => {
  expect(schema.$id).toBe("urn:loom:workflow:v1");
  const names = Object.keys(schema.definitions ?? {});
  expect(names).toEqual(expect.arrayContaining(["image", "cache", "cache_entry", "retry", "when"]));
  expect(names.filter((name) => name.includes("__"))).toEqual([]);
  const references = inside(schema).flatMap(([, { $ref }]) => $ref ?? []);
  expect(new Set(references)).toEqual(new Set(names.map((name) => `#/definitions/${name}`)));
});

test("workflowJsonSchema() tells the defaults that the compiler takes", () => {
  const text = `version: v1
stages: [a]
a:
  stage: a
  script: [x]
  cache: [{name: n, paths: [p]}]
  artifacts: {paths: [p]}
  secrets: {S: {ref: "env://S"}}
  image: {name: i, build: {}}
  retry: {max: 1}
`;
  const compiled = compileWorkflow({ path: "w.yml", text });
  const node = compiled.ok ? compiled.value.graph.nodes[0] : undefined;
  const noted = (key: string): unknown => KEY_NOTES[key]?.default;
  expect(node).toMatchObject({
    target: noted("target"),
    cache: [{ policy: noted("cache.policy"), when: noted("cache.when") }],
    artifacts: { when: noted("artifacts.when") },
    secrets: [{ file: noted("secrets.file"), required: noted("secrets.required") }],
    image: { build: { context: noted("image.build.context"), dockerfile: noted("image.build.dockerfile") } },
    retry: { on: noted("retry.on") },
  });
});
