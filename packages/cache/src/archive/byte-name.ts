/**
 * A name or a path as bytes: one character, U+0000 to U+00FF, per byte.
 *
 * On Linux, file names are bytes, not text. In this form a name that is not UTF-8 survives, and names sort by
 * their bytes.
 */
export type ByteName = string;

/** The UTF-8 bytes of a string. */
export function byteName(text: string): ByteName {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The name as text for people and for matching; bytes that are not UTF-8 become U+FFFD. */
export function displayName(name: ByteName): string {
  return isAscii(name) ? name : Buffer.from(name, "latin1").toString("utf8");
}

/**
 * The path of a name below a folder, in a form `node:fs` accepts.
 *
 * @param folder - The folder's path as text.
 */
export function diskPath(folder: string, name: ByteName): string | Buffer {
  if (name === "") return folder;
  if (isAscii(name)) return `${folder}/${name}`;
  return Buffer.concat([Buffer.from(`${folder}/`, "utf8"), Buffer.from(name, "latin1")]);
}

function isAscii(text: string): boolean {
  for (let index = 0; index < text.length; index++) if (text.charCodeAt(index) > 0x7f) return false;
  return true;
}
