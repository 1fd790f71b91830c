/**
 * A name or a path as its bytes: one character, U+0000 to U+00FF, for each.
 *
 * A file system on Linux holds bytes, not text. Kept this way, a name that is
 * not UTF-8 survives, and names are ordered by their bytes.
 */
export type ByteName = string;

/** The bytes of a text in UTF-8. */
export function byteName(text: string): ByteName {
  return isAscii(text) ? text : Buffer.from(text, "utf8").toString("latin1");
}

/** The name as text for people and for matching; bytes that are not UTF-8 become U+FFFD. */
export function displayName(name: ByteName): string {
  return isAscii(name) ? name : Buffer.from(name, "latin1").toString("utf8");
}

/**
 * The place of a name below a folder, as `node:fs` takes it.
 *
 * @param folder - A folder's path as text.
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
