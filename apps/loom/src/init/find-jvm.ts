import type { FindEcosystem } from "./starter-job.ts";

/** What Maven and Gradle download. */
const NOTE = "Jobs use what is in your home folder of earlier downloads, so no cache is needed here.";

/** Finds a project of Maven, which is called by its wrapper if that is there. */
export const findMaven: FindEcosystem = (files) => {
  if (!files.has("pom.xml")) return undefined;
  const maven = files.has("mvnw") ? "sh ./mvnw" : "mvn";
  return {
    prefix: "maven",
    found: ["pom.xml", ...(files.has("mvnw") ? ["mvnw"] : [])].join(", "),
    jobs: [
      { name: "build", stage: "build", script: [`${maven} -B compile`], note: NOTE },
      { name: "test", stage: "test", needs: ["build"], script: [`${maven} -B verify`] },
    ],
  };
};

const GRADLE_FILES = ["build.gradle", "build.gradle.kts", "settings.gradle", "settings.gradle.kts"];

/** Finds a project of Gradle, which is called by its wrapper if that is there. */
export const findGradle: FindEcosystem = (files) => {
  const name = GRADLE_FILES.find((each) => files.has(each));
  if (name === undefined) return undefined;
  const gradle = files.has("gradlew") ? "sh ./gradlew" : "gradle";
  return {
    prefix: "gradle",
    found: [name, ...(files.has("gradlew") ? ["gradlew"] : [])].join(", "),
    jobs: [
      { name: "build", stage: "build", script: [`${gradle} assemble`], note: NOTE },
      { name: "test", stage: "test", needs: ["build"], script: [`${gradle} check`] },
    ],
  };
};
