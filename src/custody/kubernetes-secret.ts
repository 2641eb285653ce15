import { AppError, DeniedError, NotReadyError, RefusedError } from "../errors.ts";
import type { Kube, NewSecret, Secret } from "../kube/kube.ts";
import { secret } from "../redact.ts";
import type { Custody, InitResponse, Keys, KeysFound, StoredRootToken } from "./custody.ts";
import { formatKeys, parseKeys, shareName } from "./keys-data.ts";

const keysName = "vault-unseal-keys";
const rootTokenName = "vault-root-token";
const journalName = "vault-init-answer";
const archiveName = "vault-unseal-keys-archive";
/** hooks/base/custody/protect-keys.yaml compares it with Git. A policy cannot decode the data of a Secret. */
const fingerprintAnnotation = "vault-hooks.dev/fingerprint";

type Location = { readonly kube: Kube; readonly namespace: string };

/** Custody in Secrets, in a namespace of their own (docs/adr/0002-custody-and-the-init-journal.md). */
export function secretCustody(kube: Kube, namespace: string): Custody {
  const location: Location = { kube, namespace };
  const rootTokenWhere = whereOf(location, rootTokenName);
  return {
    where: whereOf(location, keysName),
    shareName,
    findKeys: () => findKeys(location),
    proveWritable: () => proveWritable(location),
    journal: (answer) => writeJournal(location, answer),
    hasJournal: async () => (await kube.secret(namespace, journalName)) !== undefined,
    finish: () => finish(location),
    isArchived: async (fingerprint) => (await kube.secret(namespace, archiveName))?.data[fingerprint] !== undefined,
    archive: (fingerprint) => archive(location, fingerprint),
    rootTokenId: async () => (await kube.secret(namespace, rootTokenName))?.uid,
    dropRootToken: async (id) => void (await kube.deleteSecret(namespace, rootTokenName, id)),
    rootTokenWhere,
    rootTokenEntry: `key "token" of ${rootTokenWhere}`,
    readRootToken: () => readRootToken(location),
    deleteRootToken: async ({ id }) => void (await kube.deleteSecret(namespace, rootTokenName, id)),
  };
}

function whereOf({ namespace }: Location, name: string): string {
  return `Secret ${namespace}/${name}`;
}

async function findKeys(location: Location): Promise<KeysFound> {
  try {
    const found = await location.kube.secret(location.namespace, keysName);
    if (found === undefined) return { kind: "none" };
    return { kind: "keys", keys: parseKeys(whereOf(location, keysName), found.data) };
  } catch (error) {
    if (error instanceof AppError) return { kind: "unknown", error };
    throw error;
  }
}

/** Dry runs as large as the real response, so that a quota or an admission rule refuses it before the call. */
async function proveWritable({ kube, namespace }: Location): Promise<void> {
  const filler = { filler: "-".repeat(16 * 1024) };
  for (const name of [journalName, keysName, rootTokenName]) {
    await kube.createSecret(namespace, { name, data: filler, immutable: name === keysName }, true);
  }
  await kube.deleteSecret(namespace, journalName, undefined, true);
  // `finish` reads back what it wrote; `init` has read the other two by now
  await kube.secret(namespace, rootTokenName);
}

async function writeJournal(location: Location, { keys, rootToken, raw }: InitResponse): Promise<void> {
  const data = { ...formatKeys(keys), token: rootToken, ...(raw === undefined ? {} : { answer: raw }) };
  const stored = await location.kube.createSecret(location.namespace, { name: journalName, data });
  // it may exist because the response to a first attempt was lost
  const read = stored ?? (await location.kube.secret(location.namespace, journalName));
  if (!holds(read, data)) throw holdsOtherData(location, journalName);
}

async function finish(location: Location): Promise<Keys | undefined> {
  const { kube, namespace } = location;
  const journal = await kube.secret(namespace, journalName);
  if (journal === undefined) return undefined;
  const where = whereOf(location, journalName);
  if (journal.data["answer"] !== undefined) throw unexpectedAnswer(where, journal.data);
  const keys = parseKeys(where, journal.data);
  const token = journal.data["token"];
  if (!token) throw new RefusedError(`read ${where}: it has no token`, { todo: `Restore ${where} from a backup.` });
  const annotations = { [fingerprintAnnotation]: keys.fingerprint };
  await createOnce(location, { name: keysName, data: formatKeys(keys), immutable: true, annotations });
  await createOnce(location, { name: rootTokenName, data: { token: secret(token) } });
  await kube.deleteSecret(namespace, journalName, journal.uid);
  return keys;
}

function unexpectedAnswer(where: string, data: Secret["data"]): RefusedError {
  const shares = Object.keys(data).filter((key) => /^share-\d+$/.test(key)).length;
  const token = data["token"] ? "a" : "no";
  return new RefusedError(
    `Vault's response to init does not match the request: it has ${shares} shares and ${token} root token`,
    {
      todo:
        `Nothing is lost: ${where} has the whole response under "answer". Correct share-0 and so on, shares, threshold and ` +
        'token from that text, remove "answer" and "fingerprint", and run init again.',
    },
  );
}

/** Creates a Secret, or checks that it exists with the same data. Never changes one. */
async function createOnce(location: Location, wanted: NewSecret): Promise<void> {
  await location.kube.createSecret(location.namespace, wanted);
  const read = await location.kube.secret(location.namespace, wanted.name);
  if (read === undefined) throw new NotReadyError(`read back ${whereOf(location, wanted.name)}: it does not exist`);
  if (!holds(read, wanted.data)) throw holdsOtherData(location, wanted.name);
}

function holds(found: Secret | undefined, data: Secret["data"]): boolean {
  return found !== undefined && Object.entries(data).every(([key, value]) => found.data[key] === value);
}

function holdsOtherData(location: Location, name: string): RefusedError {
  const where = whereOf(location, name);
  return new RefusedError(`create ${where}: it exists with other data, and is never overwritten`, {
    todo: `Save ${where}, find out which Vault it belongs to, then delete or rename it and run init again.`,
  });
}

async function archive(location: Location, fingerprint: string): Promise<void> {
  const { kube, namespace } = location;
  const old = await kube.secret(namespace, keysName);
  if (old === undefined) return;
  const keys = parseKeys(whereOf(location, keysName), old.data);
  if (keys.fingerprint !== fingerprint) throw holdsOtherData(location, keysName);
  const data = { [fingerprint]: JSON.stringify(formatKeys(keys)) };
  const existing = await kube.addToSecret(namespace, archiveName, data);
  if (existing === undefined) await kube.createSecret(namespace, { name: archiveName, data });
  if (!holds(await kube.secret(namespace, archiveName), data)) throw holdsOtherData(location, archiveName);
  await kube.deleteSecret(namespace, keysName, old.uid);
}

async function readRootToken(location: Location): Promise<StoredRootToken | undefined> {
  const found = await location.kube.secret(location.namespace, rootTokenName);
  if (found === undefined) return undefined;
  // an editor leaves a line break at the end
  const token = found.data["token"]?.trim() ?? "";
  if (token !== "") return { token: secret(token), id: found.uid };
  throw new DeniedError(`read ${whereOf(location, rootTokenName)}: it has no "token"`, {
    todo: "Store the root token under that key, or delete the Secret if vault-hooks already has its login.",
  });
}
