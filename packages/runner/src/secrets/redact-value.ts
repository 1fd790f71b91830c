import type { Redactor } from "@loom/secrets";

/** The same value with every text in it redacted. Keys of objects stay. */
export function redactValue<T>(value: T, redactor: Redactor): T {
  return redacted(value, redactor) as T;
}

function redacted(value: unknown, redactor: Redactor): unknown {
  if (typeof value === "string") return redactor.text(value);
  if (Array.isArray(value)) return value.map((each) => redacted(each, redactor));
  if (typeof value !== "object" || value === null) return value;
  return Object.fromEntries(Object.entries(value).map(([key, each]) => [key, redacted(each, redactor)]));
}
