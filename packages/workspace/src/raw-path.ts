declare const raw: unique symbol;

/**
 * A path as bytes: each character is one byte (latin1).
 *
 * Names on disk are bytes, and some are not UTF-8; decoding them would change them.
 */
export type RawPath = string & { readonly [raw]: never };

/** The path of a string. */
export function rawPath(text: string): RawPath {
  return Buffer.from(text, "utf8").toString("latin1") as RawPath;
}

/** The path of these bytes. */
export function rawPathOf(bytes: Buffer): RawPath {
  return bytes.toString("latin1") as RawPath;
}

/** A path below a folder. An empty `below` is the folder itself. */
export function joinRaw(folder: RawPath, below: string): RawPath {
  return (below === "" ? folder : folder === "" ? below : `${folder}/${below}`) as RawPath;
}

/** The parent folder; empty at the top of a relative path. */
export function parentOf(path: RawPath): RawPath {
  return path.slice(0, Math.max(0, path.lastIndexOf("/"))) as RawPath;
}

/** The path in a form that `node:fs` accepts. */
export function pathBytes(path: RawPath): Buffer {
  return Buffer.from(path, "latin1");
}

/** For people: bytes that are not UTF-8 become replacement characters. */
export function showPath(path: RawPath): string {
  return pathBytes(path).toString("utf8");
}

/** The path as a string, or `undefined` if it is not valid UTF-8. */
export function textPath(path: RawPath): string | undefined {
  const text = showPath(path);
  return rawPath(text) === path ? text : undefined;
}
