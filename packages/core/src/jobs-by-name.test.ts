import { describe, expect, test } from "vitest";
import { jobsByName, jobsNamed } from "./jobs-by-name.ts";

const matrix = { job: "unit", values: [] };
const NODES = [{ id: "lint" }, { id: "unit-22", matrix }, { id: "unit-24", matrix }, { id: "pack" }];

describe("jobsByName()", () => {
  test("means all jobs of a matrix by its name, and each job by its id", () => {
    expect([...jobsByName(NODES)]).toEqual([
      ["lint", ["lint"]],
      ["unit", ["unit-22", "unit-24"]],
      ["unit-22", ["unit-22"]],
      ["unit-24", ["unit-24"]],
      ["pack", ["pack"]],
    ]);
  });

  test("means a job by its id even if a graph calls a matrix like it", () => {
    expect(jobsByName([{ id: "a-1", matrix: { job: "a", values: [] } }, { id: "a" }]).get("a")).toEqual([
      "a",
    ]);
  });
});

describe("jobsNamed()", () => {
  test("names each job once, in the order of the names, and leaves out what is no job", () => {
    expect(jobsNamed(["unit-24", "nothing", "unit", "lint"], NODES)).toEqual(["unit-24", "unit-22", "lint"]);
    expect(jobsNamed([], NODES)).toEqual([]);
  });
});
