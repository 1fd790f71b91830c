/** A name from a file as it may stand in a message: in double quotes, escaped, cut to 80 characters. */
export function quoteName(name: string): string {
  return JSON.stringify(name.length > 80 ? `${name.slice(0, 79)}…` : name);
}
