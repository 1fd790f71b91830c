import { isMapping, isSame, type DraftKeys, type DraftValue } from "./draft.ts";

/** What a job has once it has inherited: mappings merge key by key, all else replaces, null removes. */
export function inherit(parent: DraftKeys, own: DraftKeys): DraftKeys {
  const all: DraftKeys = { ...parent };
  for (const [key, value] of Object.entries(own)) {
    const known = all[key];
    if (value === null) delete all[key];
    else all[key] = isMapping(known) && isMapping(value) ? inherit({ ...known }, { ...value }) : value;
  }
  return all;
}

/** What a job has to say itself so that with what it inherits it has what is wanted. */
export function ownOf(inherited: DraftKeys, wanted: DraftKeys): DraftKeys {
  const own: DraftKeys = {};
  for (const [key, value] of Object.entries(wanted)) {
    const known = inherited[key];
    if (isSame(known, value)) continue;
    if (known === undefined || !isMapping(known) || !isMapping(value)) {
      own[key] = value;
      continue;
    }
    const inner: DraftValue = ownOf({ ...known }, { ...value });
    if (Object.keys(inner).length > 0) own[key] = inner;
  }
  for (const key of Object.keys(inherited)) if (!(key in wanted)) own[key] = null;
  return own;
}
