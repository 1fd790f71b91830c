import type { Rule } from "./rule.ts";

/** Names of groups: one pattern may not have the same name twice. */
const GROUP_NAME = /\(\?<(?![=!])[^>]+>/g;

/** Rules that are asked for at once. Of a line that one of them matches, so many are tried one by one. */
const AT_ONCE = 32;

/**
 * A text that no pattern is looked for in. V8 compiles a pattern to its own bytecode first, and to machine code where it
 * is used again; before a text of 1,000 characters it goes straight to machine code. For patterns as long as these the
 * detour takes 10 ms.
 */
const LONG_TEXT = "\n".repeat(1000);

/** Some rules, and one pattern of all their patterns. */
interface Group {
  readonly any: RegExp;
  readonly rules: readonly Rule[];
}

/**
 * Tells at once which rules may match a line: none, for most lines. One pattern of many takes a third of the time of
 * trying them one by one.
 *
 * @returns The rules that may match, in their order; all that match are among them.
 */
export function candidateRules(rules: readonly Rule[]): (line: string) => readonly Rule[] {
  let groups: readonly Group[] | undefined;
  return (line) => {
    groups ??= groupsOf(rules);
    const found = groups.filter(({ any }) => any.test(line));
    const [first] = found;
    return first !== undefined && found.length === 1 ? first.rules : found.flatMap((group) => group.rules);
  };
}

function groupsOf(rules: readonly Rule[]): readonly Group[] {
  const groups: Group[] = [];
  let open: Rule[] = [];
  const close = (): void => {
    const parts = open.map(({ pattern }) => `(?:${pattern.source.replaceAll(GROUP_NAME, "(?:")})`);
    if (parts.length > 0) groups.push({ any: new RegExp(parts.join("|")), rules: open });
    open = [];
  };
  for (const rule of rules) {
    if (rule.pattern.flags !== "") {
      close();
      groups.push({ any: rule.pattern, rules: [rule] });
    } else if (open.push(rule) === AT_ONCE) close();
  }
  close();
  for (const { any } of groups) any.test(LONG_TEXT);
  return groups;
}
