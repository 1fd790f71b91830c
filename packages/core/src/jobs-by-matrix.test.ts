import { expect, test } from "vitest";
import { jobsByMatrix } from "./jobs-by-matrix.ts";

test("jobsByMatrix() puts together the jobs that follow each other and come from one matrix", () => {
  const names = ["lint", "unit-1", "unit-2", "pack-1", "docs"];
  const matrixOf = (name: string): string | undefined => /^(.*)-\d$/u.exec(name)?.[1];
  expect(jobsByMatrix(names, matrixOf)).toEqual([
    { jobs: ["lint"] },
    { matrix: "unit", jobs: ["unit-1", "unit-2"] },
    { matrix: "pack", jobs: ["pack-1"] },
    { jobs: ["docs"] },
  ]);
});
