import { Composer, type CST, type ParsedNode, type YAMLParseError } from "yaml";

/** A syntax error as the YAML library names it. */
export interface SyntaxProblem {
  readonly code: YAMLParseError["code"];
  readonly message: string;
  readonly start: number;
  /** Exclusive. */
  readonly end: number;
}

/** What the tokens of a file make. */
export interface Composition {
  /** What the first document holds; null when that is nothing. */
  readonly contents: ParsedNode | null;
  /** At most `MAX_SYNTAX_PROBLEMS`, in no order that matters. */
  readonly problems: readonly SyntaxProblem[];
  /** Whether composing ended early because there were more. */
  readonly cut: boolean;
}

/**
 * After how many syntax errors the rest of a file is not looked at.
 *
 * A file with more is no YAML, and an error costs the library so much that a
 * megabyte of brackets would take it ten seconds.
 */
export const MAX_SYNTAX_PROBLEMS = 1000;

/** Makes nodes of the tokens of one document. */
export function composeTokens(tokens: readonly CST.Token[], length: number): Composition {
  const problems: SyntaxProblem[] = [];
  const composer = new Composer({
    uniqueKeys: false,
    prettyErrors: false,
    logLevel: "silent",
    schema: "core",
  });
  const enough = new Error("Cannot list more syntax errors");
  const onError: ErrorHandler = (source, code, message, isWarning) => {
    if (isWarning === true) return;
    if (problems.length >= MAX_SYNTAX_PROBLEMS) throw enough;
    const [start, end] = rangeOf(source);
    problems.push({ code, message, start, end });
  };
  // The library has no setting for it. Should the name change, all that is lost is the limit.
  Reflect.set(composer, "onError", onError);
  let contents: ParsedNode | null = null;
  try {
    for (const document of composer.compose(tokens, true, length)) {
      contents ??= document.contents;
      for (const { code, message, pos } of document.errors) {
        if (problems.length >= MAX_SYNTAX_PROBLEMS) throw enough;
        problems.push({ code, message, start: pos[0], end: pos[1] });
      }
    }
  } catch (error) {
    if (error !== enough) throw error;
    return { contents: null, problems, cut: true };
  }
  return { contents, problems, cut: false };
}

type ErrorSource = number | readonly number[] | { readonly offset: number; readonly source?: string };

type ErrorHandler = (
  source: ErrorSource,
  code: SyntaxProblem["code"],
  message: string,
  isWarning?: boolean,
) => void;

function rangeOf(source: ErrorSource): [start: number, end: number] {
  if (typeof source === "number") return [source, source + 1];
  if ("offset" in source) return [source.offset, source.offset + (source.source?.length ?? 1)];
  const [start = 0, end = start + 1] = source;
  return [start, end];
}
