import type { AppError } from "../errors.ts";
import type { Deadline } from "../util/deadline.ts";

/** The Kubernetes objects and calls that this program needs. Each call needs a permission in hooks/. */

export type StatefulSet = {
  readonly name: string;
  readonly uid: string;
  readonly replicas: number;
  /** The headless Service that gives each pod a name. */
  readonly serviceName: string;
  /** From the container's VAULT_ADDR; http if it has none. */
  readonly scheme: "http" | "https";
  /** The labels that select its pods. */
  readonly selector: Readonly<Record<string, string>>;
  /** The names of its volume claim templates: `data` in the official chart. */
  readonly claimTemplates: readonly string[];
};

export type Pod = {
  readonly name: string;
  readonly uid: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly phase: string;
  readonly ip: string | undefined;
  readonly deleting: boolean;
  /** The scheduler has found no node for it. */
  readonly unschedulable: boolean;
  /** Why it does not run, as Kubernetes reports it: "ImagePullBackOff: ...", "Unschedulable: ...". */
  readonly reason: string | undefined;
};

export type Claim = { readonly name: string; readonly uid: string; readonly deleting: boolean };

/** Values are decoded, and registered as secrets when read. */
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

type Namespace = { readonly createdAt: Date; readonly deleting: boolean };

export type NewSecret = {
  readonly name: string;
  readonly data: Readonly<Record<string, string>>;
  readonly immutable?: boolean;
  readonly annotations?: Readonly<Record<string, string>>;
};

/** Names an object of a kind that a CustomResourceDefinition defines. */
export type ObjectRef = {
  readonly group: string;
  readonly version: string;
  readonly kind: string;
  readonly plural: string;
  readonly namespace: string;
  readonly name: string;
};

/** The object as stored. Only its CustomResourceDefinition knows the rest of its fields. */
export type CustomObject = {
  readonly metadata: {
    readonly uid: string;
    readonly resourceVersion: string;
    readonly annotations?: Readonly<Record<string, string>>;
  };
  readonly status?: unknown;
};

export type PatchOptions = {
  readonly subresource?: "status";
  /** Patches only if this is still the version. */
  readonly resourceVersion?: string;
  readonly deadline?: Deadline;
};

/** An Event about one object, in that object's namespace. */
export type NewEvent = {
  /** Unique in the namespace; a second Event of the same name is not created. */
  readonly name: string;
  readonly type: "Normal" | "Warning";
  /** UpperCamelCase, for programs. */
  readonly reason: string;
  /** What was done or found, UpperCamelCase. */
  readonly action: string;
  /** For people, at most 1024 bytes. Never a secret value. */
  readonly note: string;
  readonly regarding: ObjectRef & { readonly uid: string };
  readonly at: Date;
};

/**
 * The calls to Kubernetes. Reads return undefined for an object that does not exist. All calls throw DeniedError on 401 and 403,
 * with verb, kind, name, namespace and user, and NotReadyError if the API server does not answer before the deadline.
 * Writes are retried too after a lost response, since each is safe to repeat: a create never overwrites, a delete names a UID,
 * a replacement names a version. SIGTERM does not interrupt a write.
 */
export type Kube = {
  /** Whether this process runs in a pod of that cluster. */
  readonly inCluster: boolean;
  statefulSet(namespace: string, name: string): Promise<StatefulSet | undefined>;
  /** The names of all StatefulSets. */
  statefulSets(namespace: string): Promise<string[]>;
  pods(namespace: string): Promise<Pod[]>;
  /**
   * Follows the pods of a namespace until the signal aborts. Lists them, then watches for changes. After every error it starts
   * again with a list, so that no change is missed.
   */
  followPods(namespace: string, options: FollowPods): Promise<void>;
  claims(namespace: string): Promise<Claim[]>;
  /** @param dryRun only checks whether the deletion is allowed */
  deletePod(namespace: string, name: string, uid: string, dryRun?: boolean): Promise<void>;
  deleteClaim(namespace: string, name: string, uid: string, dryRun?: boolean): Promise<void>;

  secret(namespace: string, name: string): Promise<Secret | undefined>;
  /** @returns the stored Secret, or undefined if one of that name exists; `dryRun` stores nothing */
  createSecret(namespace: string, secret: NewSecret, dryRun?: boolean): Promise<Secret | undefined>;
  /**
   * Adds keys to an existing Secret (a merge patch, the verb `patch`). Other keys stay unchanged.
   * @param resourceVersion patches only if this is still the version
   * @returns the stored Secret, or undefined if there is none, or it has another version
   */
  addToSecret(
    namespace: string,
    name: string,
    data: Readonly<Record<string, string>>,
    resourceVersion?: string,
  ): Promise<Secret | undefined>;
  /** @returns false if there is none with this UID */
  deleteSecret(namespace: string, name: string, uid: string | undefined, dryRun?: boolean): Promise<boolean>;

  configMap(namespace: string, name: string): Promise<ConfigMap | undefined>;
  /** @returns false if one of that name exists */
  createConfigMap(namespace: string, name: string, data: Record<string, string>, dryRun?: boolean): Promise<boolean>;
  /** @returns false if it has changed since `resourceVersion`, or was deleted */
  replaceConfigMap(namespace: string, map: ConfigMap): Promise<boolean>;

  /** @returns undefined if the object does not exist, or the API server does not know its kind */
  customObject(ref: ObjectRef, deadline?: Deadline): Promise<CustomObject | undefined>;
  /**
   * Creates an object with this `spec`, and no other content.
   * @returns the stored object; undefined if one of that name exists, or the API server does not know its kind
   */
  createCustomObject(ref: ObjectRef, spec: object, deadline?: Deadline): Promise<CustomObject | undefined>;
  /**
   * Changes some fields of an object, or of its status, by a merge patch (RFC 7396). Null removes a field.
   * @returns the stored object; undefined if it does not exist or has another version, or the API server does not know its kind
   */
  patchCustomObject(ref: ObjectRef, patch: object, options?: PatchOptions): Promise<CustomObject | undefined>;
  /** Creates an Event, unless one of that name exists. */
  createEvent(event: NewEvent, deadline?: Deadline): Promise<void>;

  namespace(name: string, deadline?: Deadline): Promise<Namespace | undefined>;
  /** Creates the namespace if it does not exist, with the restricted Pod Security level. */
  ensureNamespace(namespace: string): Promise<void>;
  /** Creates the ServiceAccount if it does not exist. */
  ensureServiceAccount(namespace: string, name: string): Promise<void>;
  /** Requests a token for a ServiceAccount (TokenRequest), and registers it as a secret. */
  token(namespace: string, serviceAccount: string, audience: string, seconds: number): Promise<string>;

  /**
   * Waits for the Lease, and runs `act` while holding and renewing it.
   * @param signal ends the wait for another holder
   * @param act its own signal aborts when the Lease could not be renewed in time. It must then end, since another holder may
   *   take the Lease; its end is awaited in any case.
   * @throws NotReadyError if the wait ended without the Lease, or the Lease was lost, whatever the result of `act`
   */
  underLease<T>(namespace: string, name: string, signal: AbortSignal, act: Act<T>, wish?: LeaseWish): Promise<T>;
  /** Opens a local port that forwards to a pod's port through the API server. A broken connection does not close it. */
  forward(namespace: string, pod: string, port: number): Promise<Forward>;
};

/** How a Lease is waited for. */
type LeaseWish = {
  /** Unique by default. A Lease with this holder is taken at once: only a process that has ended may have held it. */
  readonly holder?: string;
  /** Pause between two looks at a Lease that another holds, in milliseconds; 500 by default. */
  readonly pollMs?: number;
};

export type FollowPods = {
  readonly signal: AbortSignal;
  /** Pods with other names are not kept. */
  readonly keep: (name: string) => boolean;
  /** @param changed the name of the pod that changed; undefined after a list */
  readonly onChange: (pods: readonly Pod[], changed?: string) => void;
  /** The pods are then as of the last change. A later change means that the error is over. */
  readonly onError: (error: AppError) => void;
};

/** Work under a Lease. */
export type Act<T> = (lost: AbortSignal) => Promise<T>;

export type Forward = { readonly port: number; close(): Promise<void> };
