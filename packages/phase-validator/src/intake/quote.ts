/** A value as it may stand in a message: never long, never a failure. */
export function quote(value: unknown): string {
  if (value === undefined) return "(none)";
  return shorten(toJson(value));
}

/** A text cut to what a message can bear. */
export function shorten(text: string): string {
  return text.length > 120 ? `${text.slice(0, 117)}...` : text;
}

/** A value as JSON, even if it cannot be serialised. */
export function toJson(value: unknown): string {
  try {
    return JSON.stringify(value) ?? String(value);
  } catch {
    // Only a value that was never JSON, such as one that contains itself, gets here.
    return "(not JSON)";
  }
}
