import { readFileSync } from "node:fs";

/** What a connection is secured with, beside what Node trusts. */
export interface TlsOptions {
  readonly ca?: Buffer;
  readonly cert?: Buffer;
  readonly key?: Buffer;
}

/**
 * Reads the files that the standard variables of OTLP name. One that cannot be read is passed over, as exporters do: then
 * the connection says what is missing.
 */
export function tlsOptions(env: Readonly<Record<string, string | undefined>>): TlsOptions {
  const file = (name: string): Buffer | undefined => {
    const path = env[`OTEL_EXPORTER_OTLP_TRACES_${name}`] ?? env[`OTEL_EXPORTER_OTLP_${name}`] ?? "";
    try {
      return path === "" ? undefined : readFileSync(path);
    } catch {
      return undefined;
    }
  };
  const [ca, cert, key] = [file("CERTIFICATE"), file("CLIENT_CERTIFICATE"), file("CLIENT_KEY")];
  return {
    ...(ca !== undefined && { ca }),
    ...(cert !== undefined && { cert }),
    ...(key !== undefined && { key }),
  };
}
