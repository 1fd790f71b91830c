import { unreachable } from "@loom/core";
import type { Shape, ShapeNode } from "./shape.ts";

/** Where a value is not what it should be. */
export interface Mismatch {
  /** JSON pointer to the place; empty for the value itself. */
  readonly path: string;
  /** What should be there, such as `a whole number from 1`. */
  readonly expected: string;
}

/**
 * Finds the first place where a value does not have a shape.
 *
 * @returns `undefined` when the value has the shape.
 */
export function findMismatch(shape: Pick<Shape<unknown>, "node">, value: unknown): Mismatch | undefined {
  return mismatch(shape.node, value);
}

function mismatch(node: ShapeNode, value: unknown): Mismatch | undefined {
  switch (node.kind) {
    case "text":
      return typeof value === "string" ? undefined : here("a string");
    case "flag":
      return typeof value === "boolean" ? undefined : here("true or false");
    case "whole":
      return Number.isSafeInteger(value) && (value as number) >= node.min && (value as number) <= node.max
        ? undefined
        : here(
            `a whole number from ${node.min}${node.max === Number.MAX_SAFE_INTEGER ? "" : ` to ${node.max}`}`,
          );
    case "words":
      return node.words.includes(value as string)
        ? undefined
        : here(
            `${node.words.length > 1 ? "one of " : ""}${node.words.map((word) => JSON.stringify(word)).join(", ")}`,
          );
    case "list":
      return listMismatch(node.item, value);
    case "fields":
      return fieldsMismatch(node, value);
    case "anything":
      return undefined;
    case "fact":
      return factMismatch(value);
    default:
      return unreachable(node);
  }
}

function listMismatch(item: ShapeNode, value: unknown): Mismatch | undefined {
  if (!Array.isArray(value)) return here("a list");
  for (const [index, entry] of value.entries()) {
    const found = mismatch(item, entry);
    if (found !== undefined) return below(index, found);
  }
  return undefined;
}

function fieldsMismatch(node: ShapeNode & { kind: "fields" }, value: unknown): Mismatch | undefined {
  if (!isRecord(value)) return here("an object");
  for (const field of node.fields) {
    const entry = value[field.name];
    if (entry === undefined && field.optional) continue;
    const found = mismatch(field.node, entry);
    if (found !== undefined) return below(field.name, found);
  }
  if (node.rest === undefined) return undefined;
  for (const name of Object.keys(value)) {
    if (node.fields.some((field) => field.name === name)) continue;
    const found = mismatch(node.rest, value[name]);
    if (found !== undefined) return below(name, found);
  }
  return undefined;
}

/** A fact is any JSON but `null`, which never stands for "absent" in what Loom writes. */
function factMismatch(value: unknown): Mismatch | undefined {
  if (typeof value === "string" || typeof value === "boolean") return undefined;
  if (typeof value === "number") return Number.isFinite(value) ? undefined : here("a finite number");
  if (Array.isArray(value)) return listMismatch({ kind: "fact" }, value);
  return fieldsMismatch({ kind: "fields", fields: [], rest: { kind: "fact" } }, value);
}

function isRecord(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === "object" && value !== null && !Array.isArray(value);
}

function here(expected: string): Mismatch {
  return { path: "", expected };
}

function below(key: string | number, found: Mismatch): Mismatch {
  const escaped = String(key).replaceAll("~", "~0").replaceAll("/", "~1");
  return { path: `/${escaped}${found.path}`, expected: found.expected };
}
