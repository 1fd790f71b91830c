export { diagnosisSchemas } from "./diagnosis-schemas.ts";
export type { DiagnosisSchemas } from "./diagnosis-schemas-type.ts";
