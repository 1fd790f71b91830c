import type { FindEcosystem, StarterJob } from "./starter-job.ts";

/** Calls that give a project tests for ctest. */
const TESTS =
  /\b(?:enable_testing|add_test|gtest_discover_tests|catch_discover_tests)\s*\(|\binclude\s*\(\s*CTest\b/iu;

/** Finds a project of CMake. */
export const findCmake: FindEcosystem = (files) => {
  const text = files.text("CMakeLists.txt");
  if (text === undefined) return undefined;
  const test: StarterJob = {
    name: "test",
    stage: "test",
    needs: ["build"],
    script: ["ctest --test-dir build --output-on-failure"],
  };
  return {
    prefix: "cmake",
    found: "CMakeLists.txt",
    jobs: [
      { name: "configure", stage: "setup", script: ["cmake -S . -B build"] },
      { name: "build", stage: "build", needs: ["configure"], script: ["cmake --build build --parallel 4"] },
      ...(TESTS.test(text) ? [test] : []),
    ],
  };
};
