// Loaded before the program with NODE_OPTIONS: stands in for @1password/sdk, which is not installed here. Its one
// account is in the file that ONE_PASSWORD_ACCOUNT names. None of this was tried against the service.
import { readFileSync, writeFileSync } from "node:fs";
import { registerHooks } from "node:module";

/** What is in the file. */
export interface Account {
  readonly token: string;
  readonly vaults: readonly { readonly id: string; readonly title: string; readonly items: Item[] }[];
}

interface Item {
  readonly id: string;
  readonly title: string;
  readonly fields: readonly { readonly title: string; readonly value: string }[];
}

registerHooks({
  resolve: (specifier, context, next) =>
    specifier === "@1password/sdk" ? { url: import.meta.url, shortCircuit: true } : next(specifier, context),
});

/** As the SDK's: a client for the token of a service account. */
export async function createClient({ auth }: { readonly auth: string }): Promise<object> {
  const path = process.env["ONE_PASSWORD_ACCOUNT"] ?? "";
  const { token, vaults } = JSON.parse(readFileSync(path, "utf8")) as Account;
  if (auth !== token) throw new Error(`bad service account token, please rotate it: ${auth}`);
  const itemsOf = (vaultId: string): Item[] => {
    const vault = vaults.find(({ id }) => id === vaultId);
    if (vault === undefined) throw new Error("vault couldn't be found");
    return vault.items;
  };
  return {
    secrets: {
      resolve: async (ref: string) => {
        const [vaultTitle, itemTitle, field] = ref.slice("op://".length).split("/");
        const vault = vaults.find(({ title }) => title === vaultTitle);
        const item = vault?.items.find(({ title }) => title === itemTitle);
        if (item === undefined) throw new Error("no item matched the secret reference query");
        return item.fields.find(({ title }) => title === field)?.value;
      },
    },
    vaults: { list: async () => vaults.map(({ id, title }) => ({ id, title, description: "" })) },
    items: {
      list: async (vaultId: string) => itemsOf(vaultId),
      create: async ({ vaultId, ...item }: Omit<Item, "id"> & { readonly vaultId: string }) => {
        const items = itemsOf(vaultId);
        const made = { id: `item-${items.length}`, ...item };
        items.push(made);
        writeFileSync(path, JSON.stringify({ token, vaults }));
        return made;
      },
    },
  };
}
