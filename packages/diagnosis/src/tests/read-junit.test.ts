import fc from "fast-check";
import { describe, expect, test } from "vitest";
import { readJunit } from "./read-junit.ts";

/** What pytest 8 writes, cut. */
const PYTEST = `<?xml version="1.0" encoding="utf-8"?><testsuites name="pytest tests"><testsuite name="pytest" errors="0" failures="1" skipped="1" tests="3" time="0.035"><testcase classname="tests.test_tax" name="test_rounds" time="0.001" /><testcase classname="tests.test_tax" name="test_rate[2026-7.7]" time="0.001"><failure message="assert 8.1 == 7.7&#10;  + where ...">def test_rate(year, rate):
&gt;       assert tax(year) == rate
E       assert 8.1 == 7.7

tests/test_tax.py:12: AssertionError</failure></testcase><testcase classname="tests.test_tax" name="test_old" time="0.000"><skipped type="pytest.skip" message="old">tests/test_tax.py:15: old</skipped></testcase></testsuite></testsuites>`;

/** What Vitest 3 writes, cut. */
const VITEST = `<?xml version="1.0" encoding="UTF-8" ?>
<testsuites name="vitest tests" tests="2" failures="1" errors="0" time="0.5">
  <testsuite name="src/keys.test.ts" tests="2" failures="1">
    <testcase classname="src/keys.test.ts" name="maps ctrl-d &gt; to half a page" time="0.01">
      <failure message="expected 11 to be 12 // Object.is equality" type="AssertionError">
AssertionError: expected 11 to be 12 // Object.is equality
 ❯ src/keys.test.ts:9:21
      </failure>
    </testcase>
    <testcase classname="src/keys.test.ts" name="maps ctrl-u" time="0.01"><system-out>fine</system-out></testcase>
  </testsuite>
</testsuites>`;

/** What gotestsum writes, cut. */
const GOTESTSUM = `<testsuites tests="2"><testsuite tests="2" failures="1" name="shop/ring"><properties></properties>
<testcase classname="shop/ring" name="TestWrapsAround" time="0.00"><failure message="Failed" type=""><![CDATA[=== RUN   TestWrapsAround
    ring_test.go:17: got 3, want 0
--- FAIL: TestWrapsAround (0.00s)
]]></failure></testcase><testcase classname="shop/ring" name="TestEmpty" time="0.00"></testcase></testsuite></testsuites>`;

/** What PHPUnit 11 writes, cut: suites in suites, file and line of the test. */
const PHPUNIT = `<testsuites><testsuite name="all"><testsuite name="CartTest" file="/app/tests/CartTest.php">
<testcase name="testTotal" file="/app/tests/CartTest.php" line="9" class="CartTest" time="0.01"><failure type="X">CartTest::testTotal
Failed asserting that 5 matches expected 4.

/app/tests/CartTest.php:13
</failure></testcase></testsuite></testsuite></testsuites>`;

describe("readJunit()", () => {
  test.each([
    [
      "pytest",
      PYTEST,
      [
        { name: "test_rounds", suite: "tests.test_tax", status: "passed" },
        {
          name: "test_rate[2026-7.7]",
          suite: "tests.test_tax",
          status: "failed",
          file: "tests/test_tax.py",
          line: 12,
          message: "assert 8.1 == 7.7",
        },
        { name: "test_old", suite: "tests.test_tax", status: "skipped" },
      ],
    ],
    [
      "Vitest",
      VITEST,
      [
        {
          name: "maps ctrl-d > to half a page",
          suite: "src/keys.test.ts",
          status: "failed",
          file: "src/keys.test.ts",
          line: 9,
          message: "expected 11 to be 12 // Object.is equality",
        },
        { name: "maps ctrl-u", suite: "src/keys.test.ts", status: "passed" },
      ],
    ],
    [
      "gotestsum",
      GOTESTSUM,
      [
        {
          name: "TestWrapsAround",
          suite: "shop/ring",
          status: "failed",
          file: "ring_test.go",
          line: 17,
          message: "Failed",
        },
        { name: "TestEmpty", suite: "shop/ring", status: "passed" },
      ],
    ],
    [
      "PHPUnit",
      PHPUNIT,
      [
        {
          name: "testTotal",
          suite: "CartTest",
          status: "failed",
          file: "/app/tests/CartTest.php",
          line: 13,
          message: "X",
        },
      ],
    ],
    ["a report without tests", "<testsuites/>", []],
  ])("reads what %s writes", (_tool, xml, tests) => {
    const read = readJunit(xml);
    if (!read.ok) expect.fail(read.error);
    expect(read.value.map(({ durationMs: _took, ...test }) => test)).toEqual(tests);
  });

  test("reads how long a test took, also above a thousand seconds", () => {
    const times = ["0.0125", "1,234.5", "-1", "soon"].map((time) => `<testcase name="a" time="${time}"/>`);
    const read = readJunit(`<testsuite>${times.join("")}</testsuite>`);
    expect(read.ok && read.value.map(({ durationMs }) => durationMs)).toEqual([
      13,
      1_234_500,
      undefined,
      undefined,
    ]);
  });

  test.each([
    ["cut off", VITEST.slice(0, 300), /^it is not well-formed XML: /u],
    ["another format", "<html><body/></html>", /^it has no testsuite/u],
    ["no XML", "TAP version 13", /^it is not well-formed XML: /u],
    ["empty", "", /^it is not well-formed XML: /u],
    [
      "an entity of its own",
      '<!DOCTYPE a [<!ENTITY x "xx">]><testsuite><testcase name="&x;"/></testsuite>',
      /undefined entity/u,
    ],
    ["nested without end", "<a>".repeat(1000) + "</a>".repeat(1000), /nested too deeply/u],
  ])("says why it is no report: %s", (_what, xml, why) => {
    expect(readJunit(xml)).toEqual({ ok: false, error: expect.stringMatching(why) as string });
  });

  test("never throws, whatever it is given", () => {
    const piece = fc.oneof(
      fc.string({ unit: "binary" }),
      fc.constantFrom(
        "<testcase name='a'>",
        "</testcase>",
        "<failure>",
        "<testsuite",
        "<![CDATA[",
        "]]>",
        "&#x0;",
      ),
    );
    fc.assert(
      fc.property(fc.array(piece), (pieces) => {
        expect(typeof readJunit(pieces.join("")).ok).toBe("boolean");
      }),
    );
  });
});
