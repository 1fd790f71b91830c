import type { Rule } from "../rule.ts";
import { BIOME_RULES } from "./biome-rules.ts";
import { BUNDLER_RULES } from "./bundler-rules.ts";
import { CMAKE_RULES } from "./cmake-rules.ts";
import { CURL_RULES } from "./curl-rules.ts";
import { DOCKER_RULES } from "./docker-rules.ts";
import { DOTNET_RULES } from "./dotnet-rules.ts";
import { ESLINT_RULES } from "./eslint-rules.ts";
import { FLAKE8_RULES } from "./flake8-rules.ts";
import { GCC_RULES } from "./gcc-rules.ts";
import { GENERIC_RULES } from "./generic-rules.ts";
import { GIT_RULES } from "./git-rules.ts";
import { GO_RULES } from "./go-rules.ts";
import { GRADLE_RULES } from "./gradle-rules.ts";
import { JAVA_RULES } from "./java-rules.ts";
import { JEST_RULES } from "./jest-rules.ts";
import { LD_RULES } from "./ld-rules.ts";
import { MAKE_RULES } from "./make-rules.ts";
import { MAVEN_RULES } from "./maven-rules.ts";
import { MINITEST_RULES } from "./minitest-rules.ts";
import { MOCHA_RULES } from "./mocha-rules.ts";
import { NINJA_RULES } from "./ninja-rules.ts";
import { NODE_RULES } from "./node-rules.ts";
import { NODE_TEST_RULES } from "./node-test-rules.ts";
import { NPM_RULES } from "./npm-rules.ts";
import { OXLINT_RULES } from "./oxlint-rules.ts";
import { PERL_RULES } from "./perl-rules.ts";
import { PHP_RULES } from "./php-rules.ts";
import { PIP_RULES } from "./pip-rules.ts";
import { PNPM_RULES } from "./pnpm-rules.ts";
import { PRETTIER_RULES } from "./prettier-rules.ts";
import { PYTEST_RULES } from "./pytest-rules.ts";
import { PYTHON_RULES } from "./python-rules.ts";
import { RSPEC_RULES } from "./rspec-rules.ts";
import { RUBY_RULES } from "./ruby-rules.ts";
import { RUST_RULES } from "./rust-rules.ts";
import { SHELL_RULES } from "./shell-rules.ts";
import { SHELLCHECK_RULES } from "./shellcheck-rules.ts";
import { SQLITE_RULES } from "./sqlite-rules.ts";
import { SYSTEM_RULES } from "./system-rules.ts";
import { TAP_RULES } from "./tap-rules.ts";
import { TERRAFORM_RULES } from "./terraform-rules.ts";
import { TSC_RULES } from "./tsc-rules.ts";
import { TURBO_RULES } from "./turbo-rules.ts";
import { UNITTEST_RULES } from "./unittest-rules.ts";
import { VITEST_RULES } from "./vitest-rules.ts";
import { YARN_RULES } from "./yarn-rules.ts";

/** All rules; the first one that reads a line decides. */
export const RULES: readonly Rule[] = [
  ...SYSTEM_RULES,
  ...ESLINT_RULES,
  ...OXLINT_RULES,
  ...BIOME_RULES,
  ...PRETTIER_RULES,
  ...SHELLCHECK_RULES,
  ...TAP_RULES,
  ...VITEST_RULES,
  ...JEST_RULES,
  ...MOCHA_RULES,
  ...NODE_TEST_RULES,
  ...NODE_RULES,
  ...BUNDLER_RULES,
  ...NPM_RULES,
  ...PNPM_RULES,
  ...YARN_RULES,
  ...TURBO_RULES,
  ...PIP_RULES,
  ...GO_RULES,
  ...PYTHON_RULES,
  ...PYTEST_RULES,
  ...UNITTEST_RULES,
  ...FLAKE8_RULES,
  ...MAVEN_RULES,
  ...GRADLE_RULES,
  ...JAVA_RULES,
  ...TSC_RULES,
  ...GCC_RULES,
  ...LD_RULES,
  ...DOTNET_RULES,
  ...RUST_RULES,
  ...MAKE_RULES,
  ...NINJA_RULES,
  ...CMAKE_RULES,
  ...DOCKER_RULES,
  ...TERRAFORM_RULES,
  ...GIT_RULES,
  ...RUBY_RULES,
  ...MINITEST_RULES,
  ...RSPEC_RULES,
  ...PHP_RULES,
  ...SQLITE_RULES,
  ...CURL_RULES,
  ...PERL_RULES,
  ...SHELL_RULES,
  ...GENERIC_RULES,
];
