import type { DiagnosisSchemas } from "./diagnosis-schemas-type.ts";

/** Loads the schemas, which writing what they describe does not need. */
export async function loadDiagnosisSchemas(): Promise<DiagnosisSchemas> {
  const { diagnosisSchemas } = await import("./diagnosis-schemas.ts");
  return diagnosisSchemas;
}
