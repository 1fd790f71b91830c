import { unreachable } from "@loom/core";
import type { SyntaxProblem } from "./compose-tokens.ts";
import type { SyntaxFinding } from "./syntax-finding.ts";

/**
 * What to do about a syntax error, in the imperative.
 *
 * @param text - What the error spans, where it is known.
 */
export function yamlFix(
  { code, message }: Pick<SyntaxProblem, "code" | "message">,
  text: string = "",
): string {
  switch (code) {
    case "TAB_AS_INDENT":
      return "indent with spaces instead of tabs";
    case "BAD_INDENT":
      return message.startsWith("Flow")
        ? "close this bracket, or indent its content further than its key"
        : "indent this line like the other entries beside it";
    case "BAD_SCALAR_START":
      return "put this value in quotes";
    case "BLOCK_AS_IMPLICIT_KEY":
      return "put this value in quotes, or indent the next line like this one";
    case "BAD_DQ_ESCAPE":
      return "write \\\\ for a backslash, or use single quotes instead of double quotes";
    case "MISSING_CHAR":
      return TIGHT_COLON.test(text) ? SPACE_FIX : missingCharacter(message);
    case "MULTILINE_IMPLICIT_KEY":
      if (TIGHT_COLON.test(text)) return SPACE_FIX;
      return 'add ":" after this key, or put the value in quotes if it goes on in the next line';
    case "KEY_OVER_1024_CHARS":
      return "shorten this key to at most 1024 characters";
    case "BLOCK_IN_FLOW":
      return "write this value in one line, or write the list around it with dashes instead of brackets";
    case "MULTIPLE_DOCS":
      return 'remove this second document, from "---" on';
    case "BAD_DIRECTIVE":
      return "remove this % line";
    case "DUPLICATE_KEY":
      return "remove the duplicate key";
    case "MULTIPLE_ANCHORS":
    case "ALIAS_PROPS":
    case "BAD_ALIAS":
      return "write the value out: anchors and aliases are not allowed";
    case "MULTIPLE_TAGS":
    case "TAG_RESOLVE_FAILED":
    case "BAD_COLLECTION_TYPE":
    case "BAD_PROP_ORDER":
      return "remove the tag";
    case "NON_STRING_KEY":
      return "make this key a plain string";
    case "RESOURCE_EXHAUSTION":
      return "nest this less deeply";
    case "UNEXPECTED_TOKEN":
    case "IMPOSSIBLE":
      return `remove or quote this: ${reasonOf(message)}`;
    default:
      return unreachable(code);
  }
}

/** What can be relied on behind a syntax error. */
export function leavesOf({ code }: Pick<SyntaxProblem, "code">, text: string): SyntaxFinding["leaves"] {
  if (TIGHT_COLON.test(text) && (code === "MISSING_CHAR" || code === "MULTILINE_IMPLICIT_KEY"))
    return "structure";
  return LEAVES[code] ?? "nothing";
}

const LEAVES: Readonly<Partial<Record<SyntaxProblem["code"], SyntaxFinding["leaves"]>>> = {
  BAD_ALIAS: "all",
  ALIAS_PROPS: "all",
  MULTIPLE_ANCHORS: "all",
  MULTIPLE_TAGS: "all",
  TAG_RESOLVE_FAILED: "all",
  BAD_COLLECTION_TYPE: "all",
  BAD_DQ_ESCAPE: "structure",
  BAD_SCALAR_START: "structure",
  DUPLICATE_KEY: "structure",
  NON_STRING_KEY: "structure",
  KEY_OVER_1024_CHARS: "structure",
};

/** A key with its value right behind the colon, but no address such as `https://`. */
const TIGHT_COLON = /^[a-z_.][\w.-]*:[^\s/:]/i;
/** What to do about a colon with its value right behind it. */
export const SPACE_FIX = "put a space after the colon of this key";

function missingCharacter(message: string): string {
  if (message.includes("quote")) return "close this quote";
  if (message.includes("comma") || message.includes(", ")) return "put a comma between these entries";
  if (message.includes("in the form of")) return 'write each entry as "key: value"';
  const wanted = /(?:expected|with a|end with) (?:a )?([\]}])/.exec(message)?.[1];
  if (wanted !== undefined) return `close this bracket with ${wanted}`;
  return `add what is missing: ${reasonOf(message)}`;
}

/** The library's words as the second half of a sentence, on one line. */
function reasonOf(message: string): string {
  const text = message.replaceAll(/[\s\p{Cc}]+/gu, " ").slice(0, 160);
  return text.charAt(0).toLowerCase() + text.slice(1);
}
