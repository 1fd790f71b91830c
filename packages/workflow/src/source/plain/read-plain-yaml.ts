import { MAX_FILE_BYTES, MAX_NESTING } from "../../limits.ts";
import type { SourceFile } from "../source-file.ts";
import type { SourceEntry, SourceNode, SourcePlace } from "../source-node.ts";
import { utf8Length } from "../utf8-length.ts";
import { PlainLines } from "./plain-lines.ts";
import { readPlainScalar, type ScalarContext } from "./plain-scalar.ts";
import { readBlockScalar } from "./read-block-scalar.ts";

/**
 * Reads the part of YAML that nearly every workflow keeps to: mappings and lists
 * by indentation, brackets and scalars that end on their line, literal blocks.
 *
 * It exists for speed: it takes a tenth of the time and memory of the library.
 * It never judges. Whatever it is not sure of is left to the library, and so is
 * every text with a problem, whose places it does not know exactly.
 *
 * @returns Undefined when the text is not that plain.
 */
export function readPlainYaml(file: SourceFile): SourceNode | undefined {
  const { text } = file;
  if (utf8Length(text, MAX_FILE_BYTES) > MAX_FILE_BYTES) return undefined;
  // Tabs, other line breaks and control characters; markers of documents and directives.
  if (/[^\n -\uFEFE\uFF00-\uFFFF]|^(?:---|\.\.\.|%)/m.test(text)) return undefined;
  const lines = new PlainLines(text);
  if (lines.done) return undefined;
  const root = readBlock({ file, lines }, { parent: undefined, key: "", depth: 0 });
  return lines.done ? root : undefined;
}

interface Reader {
  readonly file: SourceFile;
  readonly lines: PlainLines;
}

/** Where the node to be read belongs. */
interface Place {
  readonly parent: SourceNode | undefined;
  readonly key: string | number;
  readonly depth: number;
}

const KEY = /([A-Za-z_.][A-Za-z0-9_.-]*):(?![^ \n])/y;

function readBlock(reader: Reader, place: Place): SourceNode | undefined {
  if (place.depth >= MAX_NESTING) return undefined;
  return reader.lines.isItem ? readList(reader, place) : readMap(reader, place);
}

function readMap(reader: Reader, { parent, key: ownKey, depth }: Place): SourceNode | undefined {
  const { file, lines } = reader;
  const { indent } = lines;
  const entries = new Map<string, SourceEntry>();
  const map: SourceNode = {
    kind: "map",
    entries,
    file,
    start: lines.at,
    end: lines.end,
    parent,
    key: ownKey,
  };
  while (lines.indent === indent) {
    const keyStart = lines.at;
    KEY.lastIndex = keyStart;
    const key = KEY.exec(file.text)?.[1];
    if (key === undefined || entries.has(key)) return undefined;
    const keyEnd = keyStart + key.length;
    const node = readValue(reader, keyEnd + 1, { indent, place: { parent: map, key, depth: depth + 1 } });
    if (node === undefined) return undefined;
    entries.set(key, { keyStart, keyEnd, node });
  }
  return lines.indent > indent ? undefined : map;
}

function readList(reader: Reader, { parent, key, depth }: Place): SourceNode | undefined {
  const { file, lines } = reader;
  const { indent } = lines;
  const items: SourceNode[] = [];
  const list: SourceNode = { kind: "list", items, file, start: lines.at, end: lines.end, parent, key };
  while (lines.indent === indent && lines.isItem) {
    const place = { parent: list, key: items.length, depth: depth + 1 };
    let at = lines.at + 1;
    while (file.text.charCodeAt(at) === 32) at += 1;
    KEY.lastIndex = at;
    let node: SourceNode | undefined;
    if (at < lines.end && KEY.test(file.text)) {
      lines.enter(at);
      node = place.depth >= MAX_NESTING ? undefined : readMap(reader, place);
    } else node = readValue(reader, lines.at + 1, { indent, place });
    if (node === undefined) return undefined;
    items.push(node);
  }
  return lines.indent > indent ? undefined : list;
}

interface Belonging {
  /** How far the key or dash is indented that the value follows. */
  readonly indent: number;
  readonly place: Place;
}

/** Reads what follows a key or a dash, on its line or below, and moves past it. */
function readValue(reader: Reader, from: number, { indent, place }: Belonging): SourceNode | undefined {
  const { file, lines } = reader;
  const { text } = file;
  if (lines.isRestEmpty(from)) {
    lines.next();
    const isListOfKey = lines.indent === indent && lines.isItem && place.parent?.kind === "map";
    if (lines.indent > indent || isListOfKey) return readBlock(reader, place);
    return {
      kind: "scalar",
      value: null,
      file,
      start: from,
      end: from,
      parent: place.parent,
      key: place.key,
    };
  }
  let at = from;
  while (text.charCodeAt(at) === 32) at += 1;
  if (text.charAt(at) === "|") {
    const block = readBlockScalar(lines, at, indent);
    return block === undefined ? undefined : { kind: "scalar", ...placeAt(file, at, place), ...block };
  }
  const end = { at };
  const node = readInline(reader, end, { context: "line", place });
  if (node === undefined || !lines.isRestEmpty(end.at)) return undefined;
  lines.next();
  // A deeper line would go on with what was read.
  return lines.indent > indent ? undefined : node;
}

interface InlineBelonging {
  readonly context: ScalarContext;
  readonly place: Place;
}

/** Reads a scalar or brackets that end on the line; moves the cursor past it. */
function readInline(
  reader: Reader,
  cursor: { at: number },
  { context, place }: InlineBelonging,
): SourceNode | undefined {
  const { file, lines } = reader;
  const start = cursor.at;
  const first = file.text.charAt(start);
  if (first === "[" || first === "{") {
    if (place.depth >= MAX_NESTING) return undefined;
    return first === "[" ? readFlowList(reader, cursor, place) : readFlowMap(reader, cursor, place);
  }
  const scalar = readPlainScalar(file.text, start, { lineEnd: lines.end, context });
  if (scalar === undefined) return undefined;
  cursor.at = scalar.end;
  return { kind: "scalar", value: scalar.value, ...placeAt(file, start, place), end: scalar.end };
}

function readFlowList(reader: Reader, cursor: { at: number }, place: Place): SourceNode | undefined {
  const { file } = reader;
  const items: SourceNode[] = [];
  const list: SourceNode = { kind: "list", items, ...placeAt(file, cursor.at, place) };
  const isRead = readFlow(reader, cursor, "]", () => {
    const item = { parent: list, key: items.length, depth: place.depth + 1 };
    const node = readInline(reader, cursor, { context: "flow", place: item });
    if (node !== undefined) items.push(node);
    return node !== undefined;
  });
  return isRead ? list : undefined;
}

function readFlowMap(reader: Reader, cursor: { at: number }, place: Place): SourceNode | undefined {
  const { file } = reader;
  const entries = new Map<string, SourceEntry>();
  const map: SourceNode = { kind: "map", entries, ...placeAt(file, cursor.at, place) };
  const isRead = readFlow(reader, cursor, "}", () => {
    const keyStart = cursor.at;
    KEY.lastIndex = keyStart;
    const key = KEY.exec(file.text)?.[1];
    if (key === undefined || entries.has(key)) return false;
    const keyEnd = keyStart + key.length;
    cursor.at = skipBlanks(file.text, keyEnd + 1);
    const node = readInline(reader, cursor, {
      context: "flow",
      place: { parent: map, key, depth: place.depth + 1 },
    });
    if (node !== undefined) entries.set(key, { keyStart, keyEnd, node });
    return node !== undefined;
  });
  return isRead ? map : undefined;
}

/** Reads what brackets hold, entry by entry, and moves past them. Answers whether all was as expected. */
function readFlow(
  { file, lines }: Reader,
  cursor: { at: number },
  close: string,
  readEntry: () => boolean,
): boolean {
  const { text } = file;
  cursor.at = skipBlanks(text, cursor.at + 1);
  while (text.charAt(cursor.at) !== close) {
    if (cursor.at >= lines.end || !readEntry()) return false;
    cursor.at = skipBlanks(text, cursor.at);
    const next = text.charAt(cursor.at);
    if (next === ",") cursor.at = skipBlanks(text, cursor.at + 1);
    else if (next !== close) return false;
  }
  cursor.at += 1;
  return true;
}

function skipBlanks(text: string, from: number): number {
  let at = from;
  while (text.charCodeAt(at) === 32) at += 1;
  return at;
}

function placeAt(file: SourceFile, start: number, { parent, key }: Place): SourcePlace {
  return { file, start, end: start, parent, key };
}
