import { AppError, NotReadyError, RefusedError } from "../errors.ts";
import type { Kube, NewSecret, Secret } from "../kube/kube.ts";
import { secret } from "../redact.ts";
import type { Custody, InitAnswer, Keys, KeysFound } from "./custody.ts";
import { fromData, shareName, toData } from "./keys-data.ts";

const keysName = "vault-unseal-keys";
export const rootTokenName = "vault-root-token";
const journalName = "vault-init-answer";
const archiveName = "vault-unseal-keys-archive";

type SecretLocation = { readonly kube: Kube; readonly namespace: string };

/** Keeps keys in Secrets of a namespace of their own (docs/adr/0002-custody-and-the-init-journal.md). */
export function secretCustody(kube: Kube, namespace: string): Custody {
  const place: SecretLocation = { kube, namespace };
  return {
    where: whereOf(place, keysName),
    shareName,
    find: () => find(place),
    prove: () => prove(place),
    journal: (answer) => writeJournal(place, answer),
    unfinished: async () => (await kube.secret(namespace, journalName)) !== undefined,
    finish: () => finish(place),
    archive: (fingerprint) => archive(place, fingerprint),
    dropRootToken: async () => void (await kube.deleteSecret(namespace, rootTokenName, undefined)),
  };
}

function whereOf({ namespace }: SecretLocation, name: string): string {
  return `Secret ${namespace}/${name}`;
}

async function find(place: SecretLocation): Promise<KeysFound> {
  try {
    const found = await place.kube.secret(place.namespace, keysName);
    if (found === undefined) return { kind: "none" };
    return { kind: "keys", keys: fromData(whereOf(place, keysName), found.data) };
  } catch (error) {
    if (error instanceof AppError) return { kind: "unknown", error };
    throw error;
  }
}

/** Sized like the real answer, so that a quota or an admission rule that would refuse it refuses now. */
async function prove({ kube, namespace }: SecretLocation): Promise<void> {
  const filler = { filler: "-".repeat(16 * 1024) };
  for (const name of [journalName, keysName, rootTokenName]) {
    await kube.createSecret(namespace, { name, data: filler, immutable: name === keysName }, true);
  }
  await kube.deleteSecret(namespace, journalName, undefined, true);
  // the other two are read before anything else is done
  await kube.secret(namespace, rootTokenName);
}

async function writeJournal(place: SecretLocation, { keys, rootToken, raw }: InitAnswer): Promise<void> {
  const data = { ...toData(keys), token: rootToken, ...(raw === undefined ? {} : { answer: raw }) };
  const stored = await place.kube.createSecret(place.namespace, { name: journalName, data });
  // "exists" may be the answer to a first try whose own answer was lost
  const read = stored ?? (await place.kube.secret(place.namespace, journalName));
  if (!holds(read, data)) throw notAsWritten(place, journalName);
}

async function finish(place: SecretLocation): Promise<Keys | undefined> {
  const { kube, namespace } = place;
  const journal = await kube.secret(namespace, journalName);
  if (journal === undefined) return undefined;
  const where = whereOf(place, journalName);
  if (journal.data["answer"] !== undefined) throw notAsAsked(where, journal.data);
  const keys = fromData(where, journal.data);
  const token = journal.data["token"];
  if (!token) throw new RefusedError(`read ${where}: it has no token`, { todo: `Restore ${where} from a backup.` });
  await createOnce(place, { name: keysName, data: toData(keys), immutable: true });
  await createOnce(place, { name: rootTokenName, data: { token: secret(token) } });
  await kube.deleteSecret(namespace, journalName, journal.uid);
  return keys;
}

function notAsAsked(where: string, data: Secret["data"]): RefusedError {
  const shares = Object.keys(data).filter((key) => /^share-\d+$/.test(key)).length;
  const token = data["token"] ? "a" : "no";
  return new RefusedError(
    `Vault's answer to init is not what was asked for: it has ${shares} shares and ${token} root token`,
    {
      todo:
        `Nothing of it is lost: ${where} has its whole text under "answer". Put share-0 and so on, shares, threshold and token ` +
        'right by it, remove "answer" and "fingerprint", and run init again.',
    },
  );
}

/** Creates a Secret or finds that this very one exists; what else is there is not touched. */
async function createOnce(place: SecretLocation, wanted: NewSecret): Promise<void> {
  await place.kube.createSecret(place.namespace, wanted);
  const read = await place.kube.secret(place.namespace, wanted.name);
  if (read === undefined) throw new NotReadyError(`read back ${whereOf(place, wanted.name)}: it is not there`);
  if (!holds(read, wanted.data)) throw notAsWritten(place, wanted.name);
}

function holds(found: Secret | undefined, data: Readonly<Record<string, string>>): boolean {
  return found !== undefined && Object.entries(data).every(([key, value]) => found.data[key] === value);
}

function notAsWritten(place: SecretLocation, name: string): RefusedError {
  const where = whereOf(place, name);
  return new RefusedError(`create ${where}: one exists that holds something else, and it is never overwritten`, {
    todo: `Save ${where}, find out which Vault it belongs to, then delete or rename it and run init again.`,
  });
}

async function archive(place: SecretLocation, fingerprint: string): Promise<void> {
  const { kube, namespace } = place;
  const old = await kube.secret(namespace, keysName);
  if (old === undefined) return;
  const keys = fromData(whereOf(place, keysName), old.data);
  if (keys.fingerprint !== fingerprint) throw notAsWritten(place, keysName);
  const data = { [fingerprint]: JSON.stringify(toData(keys)) };
  const existed = await kube.addToSecret(namespace, archiveName, data);
  if (existed === undefined) await kube.createSecret(namespace, { name: archiveName, data });
  if (!holds(await kube.secret(namespace, archiveName), data)) throw notAsWritten(place, archiveName);
  await kube.deleteSecret(namespace, keysName, old.uid);
}
