import type { FindEcosystem, StarterJob } from "./starter-job.ts";

/** Finds a project of Bundler. Its gems are kept below the project. */
export const findRuby: FindEcosystem = (files) => {
  const gemfile = files.text("Gemfile");
  if (gemfile === undefined) return undefined;
  const lockFile = files.lockFile(["Gemfile.lock"]);
  const variables = { BUNDLE_PATH: "vendor/bundle" };
  const install: StarterJob = {
    name: "install",
    stage: "setup",
    script: ["bundle install"],
    variables,
    ...(lockFile !== undefined && { cache: { prefix: "bundler", paths: ["vendor/bundle"], lockFile } }),
  };
  const hasRake = ["Rakefile", "rakefile", "Rakefile.rb"].some((name) => files.has(name));
  const command = /\brspec/u.test(gemfile)
    ? "rspec"
    : hasRake || /\brake\b/u.test(gemfile)
      ? "rake"
      : undefined;
  const test = (name: string): StarterJob => ({
    name: "test",
    stage: "test",
    needs: ["install"],
    script: [`bundle exec ${name}`],
    variables,
  });
  return {
    prefix: "ruby",
    found: ["Gemfile", ...(lockFile === undefined ? [] : [lockFile])].join(", "),
    jobs: command === undefined ? [install] : [install, test(command)],
  };
};
