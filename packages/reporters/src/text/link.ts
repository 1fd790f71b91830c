/** Links in text, as terminals have them. Source: "Hyperlinks in terminal emulators", OSC 8. */

/** Ends a link. */
export const LINK_END = "\u001B]8;;\u0007";

/** An address longer than this is none. Source: VTE and iTerm2 accept about 2,000 bytes. */
const MAX_ADDRESS = 2000;

/** What may be linked to: printable ASCII, as the source asks for, of a kind that opens a page, a mail or a file. */
const ADDRESS = /^(?:https?|mailto|file):[\u0021-\u007E]+$/i;

/** A whole link sequence, with its address; parameters have no meaning for what is shown. */
// oxlint-disable-next-line no-control-regex -- links are control sequences
const LINK = /^(?:\u001B\]|\u009D)8;[^;]*;(.*?)(?:\u0007|\u001B\\|\u009C)$/s;

/**
 * The address of a link sequence, of which any end and any parameters are accepted.
 *
 * @returns `""` for the end of a link, or the start of one that may not be kept; `undefined` for any other sequence.
 */
export function linkAddress(sequence: string): string | undefined {
  const address = LINK.exec(sequence)?.[1];
  if (address === undefined) return undefined;
  return address.length <= MAX_ADDRESS && ADDRESS.test(address) ? address : "";
}

/** Starts a link to an address that `linkAddress` has accepted. */
export function linkStart(address: string): string {
  return `\u001B]8;;${address}\u0007`;
}
