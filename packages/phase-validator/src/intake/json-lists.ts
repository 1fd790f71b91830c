import { isObject } from "./is-object.ts";

type Json = { readonly [key: string]: unknown };

/** The objects of a list; none when it is not a list. */
export function objectsOf(value: unknown): readonly Json[] {
  return Array.isArray(value) ? (value as readonly unknown[]).filter(isObject) : [];
}

/** The texts of a list; none when it is not a list. */
export function stringsOf(value: unknown): readonly string[] {
  return Array.isArray(value)
    ? (value as readonly unknown[]).filter((item): item is string => typeof item === "string")
    : [];
}
