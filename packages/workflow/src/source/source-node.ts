import { unreachable } from "@loom/core";
import type { SourceFile } from "./source-file.ts";

/** What a workflow file holds at one place, with the place. */
export type SourceNode = SourceScalar | SourceList | SourceMap;

/** A text, a number, a boolean or null. */
export interface SourceScalar extends SourcePlace {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** Set for an alias or a value with a tag: this format refuses them, and nothing is said of what they stand for. */
  readonly unread?: true;
}

/** A sequence. */
export interface SourceList extends SourcePlace {
  readonly kind: "list";
  readonly items: readonly SourceNode[];
}

/** A mapping, its entries in the order they were written. */
export interface SourceMap extends SourcePlace {
  readonly kind: "map";
  readonly entries: ReadonlyMap<string, SourceEntry>;
}

/** One key of a mapping, where the key stands, and its value. */
export interface SourceEntry {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly node: SourceNode;
}

/** Where a node was written. */
export interface SourcePlace {
  readonly file: SourceFile;
  readonly start: number;
  /** Exclusive. May include trailing blanks. */
  readonly end: number;
  /** Absent for the root of a file. */
  readonly parent: SourceNode | undefined;
  /** The key or index below `parent`. */
  readonly key: string | number;
}

/** The JSON pointer of a node within its own file; empty for the root. */
export function pointerOf(node: SourceNode): string {
  const parts: string[] = [];
  for (let at: SourceNode = node; at.parent !== undefined; at = at.parent) parts.push(escapePointer(at.key));
  return parts.reverse().join("");
}

/** One step of a JSON pointer, with its slash. */
export function escapePointer(key: string | number): string {
  return `/${String(key).replaceAll("~", "~0").replaceAll("/", "~1")}`;
}

/** The value of a key, unless it is absent. */
export function entryNode(node: SourceNode | undefined, key: string): SourceNode | undefined {
  return node?.kind === "map" ? node.entries.get(key)?.node : undefined;
}

/** Whether a node is an explicit or an empty null. */
export function isNull(node: SourceNode | undefined): boolean {
  return node?.kind === "scalar" && node.value === null && node.unread !== true;
}

/** Whether a node is an alias or has a tag, which has been reported. */
export function isUnread(node: SourceNode | undefined): boolean {
  return node?.kind === "scalar" && node.unread === true;
}

/** Whether a mapping takes keys from aliases (`<<: *name`), which has been reported: any key may come from there. */
export function mergesAliases(node: SourceNode | undefined): boolean {
  const merged = entryNode(node, "<<");
  return isUnread(merged) || (merged?.kind === "list" && merged.items.some(isUnread));
}

/**
 * The plain value of a node.
 *
 * Keys that hold null are left out of mappings when `dropNulls` is set; inside
 * a list they stay, since lists are not merged.
 */
export function plainValue(node: SourceNode, dropNulls: boolean): unknown {
  switch (node.kind) {
    case "scalar":
      return node.value;
    case "list":
      return node.items.map((item) => plainValue(item, false));
    case "map": {
      const value: Record<string, unknown> = Object.create(null) as Record<string, unknown>;
      for (const [key, entry] of node.entries) {
        if (!dropNulls || !isNull(entry.node)) value[key] = plainValue(entry.node, dropNulls);
      }
      return value;
    }
    default:
      return unreachable(node);
  }
}
