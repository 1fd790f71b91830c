/** A name in a value: `$$`, `$NAME` or `${NAME}`. */
export const REFERENCE: RegExp = /\$(?:\$|([A-Za-z_][A-Za-z0-9_]*)|\{([A-Za-z_][A-Za-z0-9_]*)\})/g;

/**
 * The value of a variable over a weaker one of the same name: its own name in
 * it stands for the weaker value.
 *
 * @param weaker - Not expanded, as `value`.
 */
export function layerValue(name: string, value: string, weaker: string): string {
  if (!value.includes("$")) return value;
  return value.replaceAll(REFERENCE, (written, bare?: string, braced?: string) =>
    (bare ?? braced) === name ? weaker : written,
  );
}
