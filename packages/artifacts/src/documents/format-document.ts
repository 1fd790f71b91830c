/** A document as it is on disk: two spaces of indent, a final newline, keys in the order they were set. */
export function formatDocument(document: object): string {
  return `${JSON.stringify(document, undefined, 2)}\n`;
}
