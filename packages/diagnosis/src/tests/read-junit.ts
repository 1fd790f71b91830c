import { err, ok, type ReportedTest, type Result } from "@loom/core";
import { SaxesParser, type SaxesTagPlain } from "saxes";
import { recogniseErrors } from "../errors/recognise-errors.ts";

/** A report may nest no deeper: what tools write has four levels. */
const DEEPEST = 64;

/** Characters of a failure that are looked through for its place. */
const LONGEST_FAILURE = 20_000;

/** Characters of a message. */
const LONGEST_MESSAGE = 500;

interface OpenTest {
  readonly name: string;
  readonly suite: string | undefined;
  readonly file: string | undefined;
  readonly line: number | undefined;
  readonly durationMs: number | undefined;
  status: ReportedTest["status"];
  message: string;
  text: string;
}

/**
 * Reads a report in JUnit XML, as test runners write it: `testcase` elements
 * in `testsuite` elements, in whatever nesting. Entities that the document
 * defines itself are not expanded.
 *
 * Source: the schema of the Jenkins xUnit plugin, and what pytest, Jest, Vitest, Maven, Gradle, gotestsum and PHPUnit write.
 *
 * @returns Why it is not such a report: a clause.
 */
export function readJunit(xml: string): Result<readonly ReportedTest[], string> {
  const reader = new JunitReader();
  const parser = new SaxesParser();
  const problems: Error[] = [];
  parser.on("error", (error) => {
    problems.push(error);
  });
  parser.on("opentag", (tag) => reader.open(tag));
  parser.on("closetag", ({ name }) => reader.close(name));
  parser.on("text", (text) => reader.text(text));
  parser.on("cdata", (text) => reader.text(text));
  try {
    parser.write(xml).close();
  } catch (error) {
    problems.push(error instanceof Error ? error : new Error(String(error)));
  }
  const [problem] = problems;
  if (problem !== undefined) return err(`it is not well-formed XML: ${problem.message}`);
  if (!reader.isReport) return err("it has no testsuite and no testcase");
  return ok(reader.tests);
}

/** Collects the tests while the elements come. */
class JunitReader {
  readonly tests: ReportedTest[] = [];
  isReport = false;
  readonly #suites: { readonly name: string; readonly file: string | undefined }[] = [];
  #depth = 0;
  #test: OpenTest | undefined;
  #isFailure = false;

  open({ name, attributes }: SaxesTagPlain): void {
    this.#depth += 1;
    if (this.#depth > DEEPEST) throw new Error("its elements are nested too deeply");
    switch (name) {
      case "testsuites":
        this.isReport = true;
        return;
      case "testsuite":
        this.isReport = true;
        this.#suites.push({ name: attributes["name"] ?? "", file: attributes["file"] });
        return;
      case "testcase":
        this.isReport = true;
        this.#begin(attributes);
        return;
      case "failure":
      case "error":
        if (this.#test === undefined) return;
        this.#test.status = "failed";
        this.#test.message ||= attributes["message"] ?? attributes["type"] ?? "";
        this.#isFailure = true;
        return;
      case "skipped":
        if (this.#test?.status === "passed") this.#test.status = "skipped";
        return;
      default:
    }
  }

  text(text: string): void {
    if (!this.#isFailure || this.#test === undefined) return;
    if (this.#test.text.length < LONGEST_FAILURE) this.#test.text += text;
  }

  close(name: string): void {
    this.#depth -= 1;
    if (name === "testsuite") this.#suites.pop();
    if (name === "failure" || name === "error") this.#isFailure = false;
    if (name !== "testcase" || this.#test === undefined) return;
    this.tests.push(reported(this.#test));
    this.#test = undefined;
  }

  #begin(attributes: Readonly<Record<string, string>>): void {
    const suite = this.#suites.at(-1);
    const line = Number(attributes["line"]);
    const seconds = Number.parseFloat(attributes["time"]?.replaceAll(",", "") ?? "");
    this.#test = {
      name: attributes["name"] ?? "",
      suite: attributes["classname"] ?? attributes["class"] ?? suite?.name,
      file: attributes["file"] ?? suite?.file,
      line: Number.isSafeInteger(line) && line > 0 ? line : undefined,
      durationMs: seconds >= 0 ? Math.round(seconds * 1000) : undefined,
      status: "passed",
      message: "",
      text: "",
    };
  }
}

function reported(test: OpenTest): ReportedTest {
  const { name, suite, file, line, durationMs, status, message, text } = test;
  const head = {
    name,
    ...(suite !== undefined && suite !== "" && { suite }),
    status,
    ...(durationMs !== undefined && { durationMs }),
  };
  if (status !== "failed") return { ...head, ...(file !== undefined && { file }) };
  const place = placeIn(text);
  // Where the assertion failed says more than where the test begins.
  const shown = place?.file === undefined ? { file, line } : place;
  const said = oneLine(message) || oneLine(text);
  return {
    ...head,
    ...(shown.file !== undefined && { file: shown.file }),
    ...(shown.line !== undefined && { line: shown.line }),
    ...(said !== "" && { message: said }),
  };
}

/** The place that the text of a failure names, as `loom explain` would find it. */
function placeIn(
  text: string,
): { readonly file: string | undefined; readonly line: number | undefined } | undefined {
  const lines = text.slice(0, LONGEST_FAILURE).split("\n");
  const found = recogniseErrors(lines).find(({ file }) => file !== undefined);
  if (found !== undefined) return { file: found.file, line: found.line };
  for (const each of lines) {
    const [, file, line] =
      /(?:^|[\s("'])((?:[\w@.-]*\/)*[\w@.-]+\.[a-z]{1,5}):(\d{1,7})(?::\d+)?(?=[\s):,]|$)/i.exec(each) ?? [];
    if (file !== undefined && !file.includes("node_modules/")) return { file, line: Number(line) };
  }
  return undefined;
}

function oneLine(text: string): string {
  const [first = ""] = text.trim().split("\n");
  const line = first.trim();
  return line.length > LONGEST_MESSAGE ? `${line.slice(0, LONGEST_MESSAGE - 1)}…` : line;
}
