import {
  createCipheriv,
  createDecipheriv,
  createPublicKey,
  diffieHellman,
  generateKeyPairSync,
  hkdfSync,
  randomBytes,
  type KeyObject,
} from "node:crypto";

/** Separates keys of this use from all others. */
const USE = "loom sealed box v1";

/** Source: RFC 5116, AEAD_AES_256_GCM. Bytes. */
const [KEY_BYTES, NONCE_BYTES, TAG_BYTES] = [32, 12, 16];

/** A text that only one can read. All in base64. */
export interface SealedText {
  /** Public key of whoever sealed it, made for this text. */
  readonly from: string;
  readonly nonce: string;
  /** The text, encrypted, and what shows that nobody changed it. */
  readonly data: string;
}

/** What opens texts that were sealed for it. The private key does not leave it. */
export interface SealKeys {
  /** For whoever seals, in base64. */
  readonly publicKey: string;
  /**
   * @param context - As it was sealed with.
   * @returns `undefined` when it was sealed for another one or in another context, or changed on the way.
   */
  open(sealed: SealedText, context: string): string | undefined;
}

/** Makes a pair of keys. */
export function createSealKeys(): SealKeys {
  const pair = generateKeyPairSync("x25519");
  const publicKey = written(pair.publicKey);
  return {
    publicKey,
    open: (sealed, context) => {
      try {
        return opened(sealed, context, { privateKey: pair.privateKey, publicKey });
      } catch {
        // What is wrong helps only who tries to open what is not theirs.
        return undefined;
      }
    },
  };
}

function opened(
  { from, nonce, data }: SealedText,
  context: string,
  own: { readonly privateKey: KeyObject; readonly publicKey: string },
): string {
  const key = sharedKey(own.privateKey, { other: from, from, to: own.publicKey });
  const options = { authTagLength: TAG_BYTES };
  const decipher = createDecipheriv("aes-256-gcm", key, Buffer.from(nonce, "base64"), options);
  const bytes = Buffer.from(data, "base64");
  decipher.setAAD(Buffer.from(context));
  decipher.setAuthTag(bytes.subarray(-TAG_BYTES));
  return Buffer.concat([decipher.update(bytes.subarray(0, -TAG_BYTES)), decipher.final()]).toString();
}

/**
 * Seals a text for whoever has the private key.
 *
 * @param publicKey - Of {@link SealKeys}.
 * @param context - What it is about. It is not in what is sealed, and has to be the same where it is opened.
 * @returns `undefined` when the key is none.
 */
export function sealText(text: string, publicKey: string, context: string): SealedText | undefined {
  try {
    return sealed(text, publicKey, context);
  } catch {
    return undefined;
  }
}

function sealed(text: string, publicKey: string, context: string): SealedText {
  const pair = generateKeyPairSync("x25519");
  const from = written(pair.publicKey);
  const nonce = randomBytes(NONCE_BYTES);
  const key = sharedKey(pair.privateKey, { other: publicKey, from, to: publicKey });
  const cipher = createCipheriv("aes-256-gcm", key, nonce, { authTagLength: TAG_BYTES });
  cipher.setAAD(Buffer.from(context));
  const data = Buffer.concat([cipher.update(text), cipher.final(), cipher.getAuthTag()]);
  return { from, nonce: nonce.toString("base64"), data: data.toString("base64") };
}

/** The key of one text. Both public keys go into it, so that it stands for these two. */
function sharedKey(
  privateKey: KeyObject,
  { other, from, to }: { readonly other: string; readonly from: string; readonly to: string },
): Uint8Array {
  const publicKey = createPublicKey({ key: Buffer.from(other, "base64"), format: "der", type: "spki" });
  const secret = diffieHellman({ privateKey, publicKey });
  return new Uint8Array(hkdfSync("sha256", secret, `${from} ${to}`, USE, KEY_BYTES));
}

function written(key: KeyObject): string {
  return key.export({ format: "der", type: "spki" }).toString("base64");
}
