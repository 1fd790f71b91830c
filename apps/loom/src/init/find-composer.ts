import type { FindEcosystem, StarterJob } from "./starter-job.ts";

/** Scripts that become jobs of the same name. */
const SCRIPTS = [
  { name: "lint", stage: "check" },
  { name: "test", stage: "test" },
] as const;

/** Finds a PHP project of Composer. */
export const findComposer: FindEcosystem = (files) => {
  const text = files.text("composer.json");
  if (text === undefined) return undefined;
  const lockFile = files.lockFile(["composer.lock"]);
  const scripts = /"scripts"\s*:\s*\{([^]*)/u.exec(text)?.[1] ?? "";
  const jobs = SCRIPTS.filter(({ name }) => new RegExp(`"${name}"\\s*:`, "u").test(scripts)).map(
    ({ name, stage }): StarterJob => ({
      name,
      stage,
      needs: ["install"],
      script: [`composer run-script ${name}`],
    }),
  );
  const phpunit: StarterJob = {
    name: "test",
    stage: "test",
    needs: ["install"],
    script: ["vendor/bin/phpunit"],
  };
  const hasTest = jobs.some(({ name }) => name === "test");
  return {
    prefix: "composer",
    found: ["composer.json", ...(lockFile === undefined ? [] : [lockFile])].join(", "),
    jobs: [
      {
        name: "install",
        stage: "setup",
        script: ["composer install --no-interaction --prefer-dist"],
        ...(lockFile !== undefined && { cache: { prefix: "composer", paths: ["vendor"], lockFile } }),
      },
      ...jobs,
      ...(!hasTest && text.includes('"phpunit/phpunit"') ? [phpunit] : []),
    ],
  };
};
