import type { Near, Rule, RuleReading } from "../rule.ts";

/** A frame outside of Go itself and of modules that were fetched. */
const FRAME = /^\t(?!\S*\/go[\w.-]*\/src\/)(?!\S*\/pkg\/mod\/)(?<file>\S+\.go):(?<line>\d+)/;

const SAID = /^\s+(?<file>[\w.-]+\.go):(?<line>\d+):(?: (?<message>.*))?$/;

/** Where what one test said ends. */
const NEXT_TEST = /^\s*(?:---|===|FAIL\b|PASS$|ok\b|panic: |exit status )/;

/** Lines that one test says. */
const SAID_LINES = 200;

/** Lines of all tests from the beginning of one to its end. */
const TEST_LINES = 600;

/** Lines of a stack. */
const STACK_LINES = 80;

/** go build, vet and test, and panics. */
export const GO_RULES: readonly Rule[] = [
  {
    tool: "go",
    pattern: /^(?<vet>vet: )?(?<file>[^\s:]+\.go):(?<line>\d+):(?<column>\d+): (?<message>.+)$/,
    read: ({ vet, file = "", line = "", column = "" }, near) => {
      // The compiler and the checker of types each tell one mistake, `vet` with its own name.
      if (isToldAbove(near, `${file.replace(/^\.\//, "")}:${line}:${column}: `, vet !== undefined))
        return { ignore: true };
      return vet === undefined ? {} : { tool: "go vet" };
    },
  },
  {
    tool: "go test",
    pattern: /^=== (?:RUN|CONT|NAME)\s+(?<test>\S+)$/,
    read: ({ test = "" }, near) => verboseFailure(near, test),
  },
  {
    tool: "go test",
    pattern: /^\s*--- FAIL: (?<test>\S+) \(.+\)$/,
    read: ({ test = "" }, near) => testFailure(near, test),
  },
  {
    tool: "go",
    pattern: /^panic: (?<message>.+)$/,
    read: (_groups, near) => panic(near, 0),
  },
  {
    tool: "go",
    pattern: /^fatal error: (?<message>.+)$/,
    read: (_groups, near) => {
      if (near.find(/^goroutine \d+/, 6) === undefined) return undefined;
      const frame = near.find(FRAME, STACK_LINES);
      return frame === undefined ? {} : { ...frame.groups, span: frame.offset, last: 0 };
    },
  },
  {
    tool: "go",
    pattern:
      /^go: (?<message>(?!downloading |finding |added |upgraded |downgraded |removed |extracting |creating |to add |warning: |trying ).+)$/,
  },
  { tool: "go test", role: "echo", pattern: /^FAIL(?:\t(?<message>.+))?$/ },
  { tool: "go", role: "echo", pattern: /^(?<message>exit status [1-9]\d*)$/ },
];

function isToldAbove(near: Near, place: string, asVet: boolean): boolean {
  for (let offset = -1; offset >= -20; offset -= 1) {
    const text = near.at(offset);
    if (text === undefined) return false;
    const isVet = text.startsWith("vet: ");
    if (
      isVet !== asVet &&
      text
        .replace(/^vet: /, "")
        .replace(/^\.\//, "")
        .startsWith(place)
    )
      return true;
  }
  return false;
}

/** What a test said from an offset on: the last is what it failed for, after what it only logged. */
function saidFrom(near: Near, from: number): RuleReading | undefined {
  let said: RuleReading | undefined;
  let first = 0;
  let last = from;
  for (let offset = from; offset < from + SAID_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || NEXT_TEST.test(text)) break;
    const groups = SAID.exec(text)?.groups;
    if (groups !== undefined) {
      if (said === undefined) first = offset;
      const { file, line, message = "" } = groups;
      said = { file, line, message: message === "" ? messageBelow(near, offset) : message, offset };
      last = offset;
    } else if (said !== undefined && /^\s{4,}/.test(text)) last = offset;
    else if (said !== undefined && text.trim() !== "") break;
  }
  return said === undefined ? undefined : { ...said, first, span: last, last };
}

/** Where the line of the place says nothing: testify has its heading `Error:` below, others begin on the next line. */
function messageBelow(near: Near, from: number): string | undefined {
  for (let offset = from + 1; offset <= from + 12; offset += 1) {
    const said = /^\s+Error:\s+(\S.*)$/.exec(near.at(offset) ?? "")?.[1];
    if (said !== undefined) return said.trim();
  }
  return near.at(from + 1)?.trim();
}

/** With `-v`, a test says what is wrong before it is known to fail. */
function verboseFailure(near: Near, test: string): RuleReading | undefined {
  const said = saidFrom(near, 1);
  if (said === undefined) return undefined;
  const failed = `--- FAIL: ${test} (`;
  for (let offset = said.span ?? 1; offset < TEST_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || /^(?:FAIL|ok)\s/.test(text)) return undefined;
    if (text.trimStart().startsWith(failed)) return { ...said, test };
  }
  return undefined;
}

/** What the test said stands below its name, or was told above with `-v`. */
function testFailure(near: Near, test: string): RuleReading {
  const panicked = near.find(/^panic: /, 2);
  if (panicked !== undefined) return { ...panic(near, panicked.offset), test, first: 0 };
  const below = saidFrom(near, 1);
  if (below !== undefined) return { ...below, test, first: 0 };
  // A test fails when one within it does.
  if (/^\s*--- FAIL: /.test(near.at(1) ?? "")) return { role: "echo", message: test };
  for (let offset = -1; offset >= -TEST_LINES; offset -= 1) {
    const text = near.at(offset);
    if (text === undefined) break;
    const running = /^=== (?:RUN|CONT|NAME)\s+(\S+)$/.exec(text)?.[1];
    if (running === test && saidFrom(near, offset + 1) !== undefined) return { role: "echo", message: test };
    if (running === test && text.startsWith("=== RUN")) break;
  }
  const isParent = near.find(/^\s*(?:---|===) (?:PASS|SKIP)/, 1) !== undefined;
  return { role: isParent ? "echo" : "cause", message: `${test} failed` };
}

/** What is thrown again is one error; what threw it first stands below the last call of `panic`. */
function panic(near: Near, from: number): RuleReading | undefined {
  if (near.find(/^goroutine \d+/, from + 12) === undefined) return undefined;
  let last = from;
  while (/^(?:\tpanic: |\[signal |\t\[recovered|\s+\S+ \(\d)/.test(near.at(last + 1) ?? "")) last += 1;
  let frame: RuleReading | undefined;
  let span = last;
  let isRuntime = false;
  let test: string | undefined;
  for (let offset = last + 1; offset < last + STACK_LINES; offset += 1) {
    const text = near.at(offset);
    if (text === undefined || (text === "" && isRuntime)) break;
    if (text.startsWith("goroutine ")) isRuntime = true;
    if (/^(?:runtime\.)?panic(?:\(|[A-Z])/.test(text)) frame = undefined;
    test ??= /^\S+\.(?<test>(?:Test|Benchmark|Fuzz)[A-Z_]\w*)(?:\.func[\d.]+)?\(/.exec(text)?.[1];
    const groups = FRAME.exec(text)?.groups;
    if (groups !== undefined && frame === undefined) {
      frame = groups;
      span = offset;
    }
  }
  const timedOut = near.at(from)?.startsWith("panic: test timed out") === true;
  const running = timedOut ? near.find(/^\s+(?<test>Test\S+) \(/, from + 4)?.groups["test"] : undefined;
  const message = near
    .at(from)
    ?.replace(/^panic: /, "")
    .replace(/ \[recovered[^\]]*\]$/, "");
  return { message, test: running ?? test, ...frame, offset: from, span, first: from, last };
}
