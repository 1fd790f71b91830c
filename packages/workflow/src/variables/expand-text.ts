import { REFERENCE } from "./layer-value.ts";

/**
 * Expands a text by variables that are expanded already: `$NAME` and `${NAME}` stand for a value, `$$` for a dollar. Names that
 * are not among them stay as written.
 */
export function expandText(text: string, values: { readonly [name: string]: string }): string {
  return text.replaceAll(REFERENCE, (written, bare?: string, braced?: string) => {
    const name = bare ?? braced;
    if (name === undefined) return "$";
    return Object.hasOwn(values, name) ? (values[name] ?? "") : written;
  });
}
