import { mkdir, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { stringify } from "yaml";

/** `count` policies, Kubernetes roles and KV entries each. Their names contain `id`, so that loads do not overlap. */
export type Load = { readonly id: string; readonly count: number };

export type Sent = { readonly method: "GET" | "POST"; readonly path: string; readonly body?: unknown };

const policyText = (id: string, i: number) => `# Read only: the application does not write.
path "kv-${id}/data/webapp/${i}" {
  capabilities = ["read"]
}

path "kv-${id}/metadata/webapp/${i}" {
  capabilities = ["read", "list"]
}
`;
const policy = (id: string, i: number) => `${id}-app-${i}`;
const role = (id: string, i: number) => ({
  bound_service_account_names: ["default"],
  bound_service_account_namespaces: [`app-${i}`],
  token_policies: [policy(id, i)],
  audience: "vault",
  token_ttl: "24h",
});
const entry = (i: number) => ({ username: `user-of-app-${i}`, password: `static-password-${i}` });
const mounts = (id: string) => ({ auth: `auth-${id}`, kv: `kv-${id}` });

/** A hook mounts the files as ConfigMaps, which hold at most 1 MiB. */
const entriesOfFile = 2500;

/** Writes the desired state, in files for each kind. @returns the folder */
export async function writeDesired(folder: string, { id, count }: Load): Promise<string> {
  const names = mounts(id);
  const auth = { type: "kubernetes" };
  const secrets = { type: "kv", options: { version: "2" } };
  await mkdir(folder, { recursive: true });
  const write = (name: string, content: unknown) => writeFile(join(folder, name), stringify(content));
  await write("mounts.yaml", { auth: { [names.auth]: auth }, secrets: { [names.kv]: secrets } });
  for (let from = 0; from < count; from += entriesOfFile) {
    const some = Array.from({ length: Math.min(entriesOfFile, count - from) }, (_, i) => from + i);
    const all = <T>(of: (i: number) => [string, T]) => Object.fromEntries(some.map(of));
    await write(`policies-${from}.yaml`, { policies: all((i) => [policy(id, i), { hcl: policyText(id, i) }]) });
    await write(`roles-${from}.yaml`, { auth: { [names.auth]: { roles: all((i) => [`role-${i}`, role(id, i)]) } } });
    await write(`values-${from}.yaml`, { secrets: { [names.kv]: { values: all((i) => [`webapp/${i}`, entry(i)]) } } });
  }
  return folder;
}

/** Returns the requests that must precede `writesOf`. */
export function mountsOf({ id }: Load): Sent[] {
  const names = mounts(id);
  return [
    { method: "POST", path: `sys/auth/${names.auth}`, body: { type: "kubernetes" } },
    { method: "POST", path: `sys/mounts/${names.kv}`, body: { type: "kv", options: { version: "2" } } },
  ];
}

/** Returns the fewest requests that write the load: one for each object, one kind after the other. */
export function writesOf(load: Load): Sent[] {
  return kindsOf(load).flat();
}

/** Returns the same in the order of `configure`: the values, then each policy and its role in turn. */
export function mixedWritesOf(load: Load): Sent[] {
  const [policies = [], roles = [], values = []] = kindsOf(load);
  return [...values, ...policies.flatMap((each, i) => [each, roles[i] ?? each])];
}

function kindsOf({ id, count }: Load): Sent[][] {
  const names = mounts(id);
  return ofEach(count, [
    (i) => ({ method: "POST", path: `sys/policies/acl/${policy(id, i)}`, body: { policy: policyText(id, i) } }),
    (i) => ({ method: "POST", path: `auth/${names.auth}/role/role-${i}`, body: role(id, i) }),
    (i) => ({ method: "POST", path: `${names.kv}/data/webapp/${i}`, body: { data: entry(i), options: { cas: 0 } } }),
  ]);
}

/** Returns the fewest requests that read the load. */
export function readsOf({ id, count }: Load): Sent[] {
  const names = mounts(id);
  return [
    { method: "GET", path: "sys/auth" },
    { method: "GET", path: "sys/mounts" },
    ...ofEach(count, [
      (i) => ({ method: "GET", path: `sys/policies/acl/${policy(id, i)}` }),
      (i) => ({ method: "GET", path: `auth/${names.auth}/role/role-${i}` }),
      (i) => ({ method: "GET", path: `${names.kv}/data/webapp/${i}` }),
    ]).flat(),
  ];
}

function ofEach(count: number, kinds: readonly ((i: number) => Sent)[]): Sent[][] {
  return kinds.map((kind) => Array.from({ length: count }, (_, i) => kind(i)));
}

/** Returns a shell script that writes the load with one `vault` command for each object. */
export function commandsOf(load: Load): string {
  const names = mounts(load.id);
  return `set -eu
vault auth enable -path=${names.auth} kubernetes
vault secrets enable -path=${names.kv} kv-v2
for i in $(seq 0 ${load.count - 1}); do
  vault policy write ${load.id}-app-$i - <<END
${policyText(load.id, 0).replaceAll("/0", "/$i")}
END
done
for i in $(seq 0 ${load.count - 1}); do
  vault write auth/${names.auth}/role/role-$i bound_service_account_names=default bound_service_account_namespaces=app-$i token_policies=${load.id}-app-$i audience=vault token_ttl=24h
done
for i in $(seq 0 ${load.count - 1}); do
  until vault kv put ${names.kv}/webapp/$i username=user-of-app-$i password=static-password-$i; do :; done
done
`;
}
