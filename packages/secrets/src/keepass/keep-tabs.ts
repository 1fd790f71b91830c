import kdbxweb, { type BinaryStream, type KdbxContext } from "kdbxweb";

/** The parts of the library through which the XML of a database passes. Source: kdbxweb 2.1.1, `kdbx-format.ts`. */
const format = kdbxweb.KdbxFormat.prototype as unknown as {
  decryptXmlV3: (stream: BinaryStream) => Promise<string>;
};
const header = kdbxweb.KdbxHeader.prototype as {
  readInnerHeader: (stream: BinaryStream, context: KdbxContext) => void;
};

/**
 * Makes kdbxweb keep tabs in what is not protected, such as notes: with other control characters, which XML does not
 * have, it drops them before it parses, and the next save would make that final.
 *
 * Called once, before anything is loaded.
 */
export function keepTabs(): void {
  const { decryptXmlV3 } = format;
  format.decryptXmlV3 = async function (stream) {
    return withReferences(await decryptXmlV3.call(this, stream));
  };
  const { readInnerHeader } = header;
  header.readInnerHeader = function (stream, context) {
    readInnerHeader.call(this, stream, context);
    // What follows this header is the XML.
    const rest = stream.readBytesToEnd.bind(stream);
    stream.readBytesToEnd = () => {
      const xml = withReferences(new TextDecoder().decode(rest()));
      return Uint8Array.from(new TextEncoder().encode(xml)).buffer;
    };
  };
}

/** XML with a reference for each tab in the text of an element that has no others: outside of these, tabs only indent. */
function withReferences(xml: string): string {
  return xml.replaceAll(/<(\w+)(?: [^<>]*)?>[^<\t]*\t[^<]*(?=<\/\1>)/g, (element) =>
    element.replaceAll("\t", "&#9;"),
  );
}
