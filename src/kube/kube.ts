/** The Kubernetes objects and calls that this program needs, and no others: each is a right in hooks/. */

export type StatefulSet = {
  readonly name: string;
  readonly uid: string;
  readonly replicas: number;
  /** The headless Service that gives each pod a name. */
  readonly serviceName: string;
  /** http or https, from the container's VAULT_ADDR; http where it has none. */
  readonly scheme: "http" | "https";
  /** Labels that select its pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** Names of its volume claim templates, `data` in the official chart. */
  readonly claimTemplates: readonly string[];
};

export type Pod = {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: string;
  readonly ip: string | undefined;
  readonly deleting: boolean;
  /** Why it does not run, as Kubernetes says it: "ImagePullBackOff: ...", "Unschedulable: ...". */
  readonly reason: string | undefined;
};

export type Claim = { readonly name: string; readonly uid: string; readonly deleting: boolean };

/** Values are in the clear (decoded), and registered as secrets when read. */
export type Secret = {
  readonly name: string;
  readonly uid: string;
  readonly resourceVersion: string;
  readonly data: Readonly<Record<string, string>>;
};

export type ConfigMap = {
  readonly name: string;
  readonly resourceVersion: string;
  readonly data: Readonly<Record<string, string>>;
};

export type NewSecret = {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
};

/**
 * Reads answer undefined for what does not exist. All throw DeniedError naming verb, kind, name, namespace and who asked
 * on 401 and 403, NotReadyError when the API server gives no answer until the deadline.
 * Writes too are sent again after an answer that was lost, since each is safe to repeat: a create never overwrites, a
 * delete names a UID, a replacement a version. SIGTERM does not cut a write off.
 */
export type Kube = {
  /** Whether this process runs in a pod of the cluster it talks to. */
  readonly inCluster: boolean;
  statefulSet(namespace: string, name: string): Promise<StatefulSet | undefined>;
  /** The names of all of them. */
  statefulSets(namespace: string): Promise<string[]>;
  pods(namespace: string): Promise<Pod[]>;
  claims(namespace: string): Promise<Claim[]>;
  /** @param dryRun only tells whether it may be done */
  deletePod(namespace: string, name: string, uid: string, dryRun?: boolean): Promise<void>;
  deleteClaim(namespace: string, name: string, uid: string, dryRun?: boolean): Promise<void>;

  secret(namespace: string, name: string): Promise<Secret | undefined>;
  /** @returns what the API server stored, or undefined if one of that name exists; `dryRun` stores nothing */
  createSecret(namespace: string, secret: NewSecret, dryRun?: boolean): Promise<Secret | undefined>;
  /**
   * Adds keys to a Secret that exists (a merge patch, the verb `patch`); keys that are not given stay as they are.
   * @param resourceVersion only if it did not change since this one
   * @returns what the API server stored, or undefined if there is no such Secret (any more)
   */
  addToSecret(
    namespace: string,
    name: string,
    data: Readonly<Record<string, string>>,
    resourceVersion?: string,
  ): Promise<Secret | undefined>;
  /** @returns false if it did not exist (any more) with this uid */
  deleteSecret(namespace: string, name: string, uid: string | undefined, dryRun?: boolean): Promise<boolean>;

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  createConfigMap(namespace: string, name: string, data: Record<string, string>, dryRun?: boolean): Promise<boolean>;
  /** @returns false if it changed since `resourceVersion` was read */
  replaceConfigMap(namespace: string, map: ConfigMap): Promise<boolean>;

  /** Makes the namespace where it does not exist, with the restricted Pod Security level. */
  ensureNamespace(namespace: string): Promise<void>;
  ensureServiceAccount(namespace: string, name: string): Promise<void>;
  /** A ServiceAccount's token by TokenRequest, registered as a secret. */
  token(namespace: string, serviceAccount: string, audience: string, seconds: number): Promise<string>;

  /**
   * Runs `act` while holding the Lease; renews it meanwhile; waits for another holder until `signal` aborts.
   * @param act its own signal aborts when the Lease could not be renewed in time: it must end, someone else may soon
   *   hold the Lease. Its end is awaited in any case.
   * @throws NotReadyError when the wait was given up, or the Lease was lost, whatever `act` came to
   */
  underLease<T>(namespace: string, name: string, signal: AbortSignal, act: Act<T>): Promise<T>;
  /** Opens a local port that leads to a pod's port through the API server; survives forwards that break. */
  forward(namespace: string, pod: string, port: number): Promise<Forward>;
};

/** What is done under a Lease. */
export type Act<T> = (lost: AbortSignal) => Promise<T>;

export type Forward = { readonly port: number; close(): Promise<void> };
