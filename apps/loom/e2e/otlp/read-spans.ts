/** A span as a collector reads it. */
export interface SentSpan {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId: string;
  readonly name: string;
  readonly kind: number;
  readonly startNs: bigint;
  readonly endNs: bigint;
  readonly attributes: Readonly<Record<string, string | number | boolean>>;
  readonly status: { readonly code: number; readonly message: string };
}

/** The fields of one message, by their numbers: bytes of what has a length, else a number. */
type Fields = ReadonlyMap<number, readonly (Uint8Array | bigint)[]>;

/**
 * Reads the spans of an `ExportTraceServiceRequest`, and the attributes of their resource, from the wire format of protocol
 * buffers. The numbers are those of opentelemetry-proto.
 */
export function readSpans(request: Uint8Array): {
  readonly resource: SentSpan["attributes"];
  readonly spans: readonly SentSpan[];
} {
  const resourceSpans = messages(fieldsOf(request), 1);
  return {
    resource: Object.assign(
      {},
      ...resourceSpans.flatMap((each) => messages(each, 1).map((resource) => attributesOf(resource, 1))),
    ) as SentSpan["attributes"],
    spans: resourceSpans
      .flatMap((each) => messages(each, 2))
      .flatMap((scope) => messages(scope, 2))
      .map(spanOf),
  };
}

function spanOf(fields: Fields): SentSpan {
  const [status = new Map()] = messages(fields, 15);
  return {
    traceId: hex(fields, 1),
    spanId: hex(fields, 2),
    parentSpanId: hex(fields, 4),
    name: text(fields, 5),
    kind: Number(number(fields, 6)),
    startNs: number(fields, 7),
    endNs: number(fields, 8),
    attributes: attributesOf(fields, 9),
    status: { code: Number(number(status, 3)), message: text(status, 2) },
  };
}

function attributesOf(fields: Fields, at: number): SentSpan["attributes"] {
  return Object.fromEntries(
    messages(fields, at).map((pair) => {
      const [value = new Map()] = messages(pair, 2);
      const shown = value.has(1)
        ? text(value, 1)
        : value.has(2)
          ? number(value, 2) === 1n
          : Number(number(value, 3));
      return [text(pair, 1), shown];
    }),
  );
}

function fieldsOf(bytes: Uint8Array): Fields {
  const fields = new Map<number, (Uint8Array | bigint)[]>();
  const view = new DataView(bytes.buffer, bytes.byteOffset, bytes.byteLength);
  let at = 0;
  const varint = (): bigint => {
    let value = 0n;
    for (let shift = 0n; ; shift += 7n) {
      const byte = view.getUint8(at);
      at += 1;
      value |= BigInt(byte & 0x7f) << shift;
      if (byte < 0x80) return value;
    }
  };
  while (at < bytes.length) {
    const key = Number(varint());
    const known = fields.get(key >> 3) ?? [];
    fields.set(key >> 3, known);
    const type = key & 7;
    if (type === 0) known.push(varint());
    else if (type === 2) {
      const length = Number(varint());
      known.push(bytes.subarray(at, at + length));
      at += length;
    } else if (type === 1 || type === 5) {
      known.push(type === 1 ? view.getBigUint64(at, true) : BigInt(view.getUint32(at, true)));
      at += type === 1 ? 8 : 4;
    } else throw new Error(`No such wire type: ${type}`);
  }
  return fields;
}

function messages(fields: Fields, at: number): readonly Fields[] {
  return (fields.get(at) ?? []).map((each) => fieldsOf(bytesOf(each)));
}

function bytesOf(value: Uint8Array | bigint | undefined): Uint8Array {
  return value instanceof Uint8Array ? value : new Uint8Array();
}

function hex(fields: Fields, at: number): string {
  return Buffer.from(bytesOf(fields.get(at)?.[0])).toString("hex");
}

function text(fields: Fields, at: number): string {
  return Buffer.from(bytesOf(fields.get(at)?.[0])).toString("utf8");
}

function number(fields: Fields, at: number): bigint {
  const value = fields.get(at)?.[0];
  return typeof value === "bigint" ? value : 0n;
}
