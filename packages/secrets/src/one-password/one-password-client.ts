/** What Loom needs of the client that `createClient()` of `@1password/sdk` makes, to read values. */
export interface OnePasswordClient {
  readonly secrets: {
    /** @returns The value behind a reference. Rejects with an `Error` otherwise. */
    resolve(ref: string): Promise<string>;
  };
}

/** What Loom needs of the same client to list and to make items. Each rejects with an `Error`. */
export interface OnePasswordItemClient {
  readonly vaults: {
    list(params: { readonly decryptDetails: boolean }): Promise<readonly OnePasswordNamed[]>;
  };
  readonly items: {
    /** @returns Those that are not archived. */
    list(vaultId: string): Promise<readonly OnePasswordNamed[]>;
    create(item: OnePasswordNewItem): Promise<OnePasswordNamed>;
  };
}

/** A vault or an item of 1Password. */
export interface OnePasswordNamed {
  readonly id: string;
  readonly title: string;
}

/** An item to make. Source: `ItemCreateParams` of `@1password/sdk` 0.5.0. */
export interface OnePasswordNewItem {
  readonly category: "Login";
  readonly vaultId: string;
  readonly title: string;
  /** Those without a section are put into one without a name, except for the fields that every login has. */
  readonly fields: {
    readonly id: string;
    readonly title: string;
    readonly fieldType: "Text" | "Concealed";
    readonly value: string;
  }[];
}

interface OnePasswordSdk {
  createClient(options: {
    readonly auth: string;
    readonly integrationName: string;
    readonly integrationVersion: string;
  }): Promise<OnePasswordClient & OnePasswordItemClient>;
}

/** The SDK is not installed beside Loom. */
export class SdkMissingError extends Error {
  override readonly name = "SdkMissingError";
}

/**
 * Makes a client with 1Password's SDK, which is loaded now. Only a user of 1Password has it: it is 14 MB.
 *
 * @throws `SdkMissingError`, or what the SDK throws.
 */
export async function connectWithSdk(token: string): Promise<OnePasswordClient & OnePasswordItemClient> {
  const sdk = await load("@1password/sdk");
  return await sdk.createClient({ auth: token, integrationName: "Loom", integrationVersion: "v1" });
}

/** @param name - A parameter, so that no bundler takes the module for a part of the program. */
async function load(name: string): Promise<OnePasswordSdk> {
  try {
    return (await import(name)) as OnePasswordSdk;
  } catch (cause) {
    const code = cause instanceof Error && "code" in cause ? cause.code : undefined;
    throw code === "ERR_MODULE_NOT_FOUND" ? new SdkMissingError(undefined, { cause }) : cause;
  }
}
