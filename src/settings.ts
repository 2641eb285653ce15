import { delimiter } from "node:path";
import { ConfigError } from "./errors.ts";
import { parseDuration } from "./util/duration.ts";
import { nearest } from "./util/nearest.ts";

/** Reads a flag's text; undefined if it is none, and then `expected` completes the sentence. */
type Type = { readonly expected: string; readonly read: (text: string) => unknown };

function matching(pattern: RegExp, expected: string): Type {
  return { expected, read: (text) => (pattern.test(text) ? text : undefined) };
}

/** @param placeholders what stands in the text in place of a host's parts */
function url(pattern: RegExp, expected: string, placeholders = /$^/g): Type {
  const isUrl = (text: string) => pattern.test(text) && URL.canParse(text.replaceAll(placeholders, "0"));
  return { expected, read: (text) => (isUrl(text) ? text : undefined) };
}

function wholeNumber(least: number, most: number): Type {
  const read = (text: string) => {
    const value = /^\d{1,9}$/.test(text) ? Number(text) : Number.NaN;
    return value >= least && value <= most ? value : undefined;
  };
  return { expected: `a whole number from ${least} to ${most}`, read };
}

function oneOf(...words: string[]): Type {
  return { expected: words.join(" or "), read: (text) => (words.includes(text) ? text : undefined) };
}

const name = matching(/^[a-z0-9]([-a-z0-9.]*[a-z0-9])?$/, "a Kubernetes name");
const path = matching(/./, "a path");
/** A Job that waits longer helps nobody, and timers of Node.js overflow at 24.8 days: they would end the run at once. */
const longestTimeoutMs = 24 * 3_600_000;
const duration: Type = {
  expected: "a duration like 90s, 5m or 1h30m, of at most 24h",
  read(text) {
    const ms = parseDuration(text) ?? 0;
    return ms > 0 && ms <= longestTimeoutMs ? ms : undefined;
  },
};

/** One flag: its name on the command line is the key, its environment variable VAULT_HOOKS_<KEY>. */
type Flag = { readonly describe: string; readonly type: Type; readonly default?: string };

/** Every setting there is, in the order of --help. Secrets are never among them: they do not belong into argv. */
export const flags = {
  namespace: { describe: "namespace of the Vault StatefulSet", type: name, default: "vault" },
  statefulset: { describe: "name of the Vault StatefulSet", type: name, default: "vault" },
  "custody-namespace": { describe: "namespace that keeps the unseal keys", type: name, default: "vault-custody" },
  config: { describe: "folder of the desired state", type: path, default: "hooks/config" },
  timeout: { describe: "how long to wait in all, for example 90s or 5m, at most 24h", type: duration, default: "5m" },
  shares: { describe: "unseal key shares made by init", type: wholeNumber(1, 255), default: "5" },
  threshold: { describe: "shares needed to unseal", type: wholeNumber(1, 255), default: "3" },
  concurrency: { describe: "requests to Vault at once", type: wholeNumber(1, 256), default: "32" },
  kubeconfig: {
    describe: "kubeconfig file (default: KUBECONFIG, in-cluster, ~/.kube/config)",
    type: path,
  },
  context: { describe: "context in the kubeconfig", type: path },
  address: {
    describe: "how to reach a pod instead of by its name or a forwarded port: a URL with {pod} or {ordinal}",
    type: url(/^https?:\/\/[^/]+$/, "a URL like https://{pod}.example:8200, without a path", /\{pod\}|\{ordinal\}/g),
  },
  "ca-file": { describe: "PEM certificates that Vault's TLS is checked against", type: path },
  "token-file": {
    describe: "ServiceAccount token to log in to Vault with (default: TokenRequest)",
    type: path,
  },
  "kubernetes-host": {
    describe: "URL of the Kubernetes API as Vault's pods see it; used once, by the first configure",
    type: url(/^https:\/\/[^/]+\/?$/, "a URL like https://kubernetes.default.svc"),
    default: "https://kubernetes.default.svc",
  },
  output: { describe: "table or json (default: table on a terminal)", type: oneOf("table", "json") },
  "log-level": {
    describe: "debug, info, warn or error",
    type: oneOf("debug", "info", "warn", "error"),
    default: "info",
  },
} satisfies Record<string, Flag>;

export type FlagName = keyof typeof flags;

/** What a run was asked to do: flags first, then the environment, then the defaults. Durations are in milliseconds. */
export type Settings = {
  readonly namespace: string;
  readonly statefulset: string;
  readonly custodyNamespace: string;
  readonly config: string;
  readonly timeoutMs: number;
  readonly shares: number;
  readonly threshold: number;
  readonly concurrency: number;
  readonly kubeconfig: string | undefined;
  /** Where else to look for the cluster. */
  readonly kubeDefaults: KubeDefaults;
  readonly context: string | undefined;
  readonly address: string | undefined;
  readonly caFile: string | undefined;
  readonly tokenFile: string | undefined;
  readonly kubernetesHost: string;
  readonly output: "table" | "json";
  readonly logLevel: "debug" | "info" | "warn" | "error";
  /** Colour and live progress: a terminal, and NO_COLOR not set. */
  readonly color: boolean;
  readonly terminal: boolean;
};

/** What kubectl looks at, in this order, where no kubeconfig is named. */
type KubeDefaults = {
  /** The files of KUBECONFIG. */
  readonly files: readonly string[];
  /** Whether this process runs in a pod, by the variables that Kubernetes sets there. */
  readonly inCluster: boolean;
  readonly home: string | undefined;
};

export type Environment = Readonly<Record<string, string | undefined>>;
const prefix = "VAULT_HOOKS_";

/**
 * @param given the flags of the command line, by name; undefined where not given
 * @param terminal whether standard output is a terminal
 * @throws ConfigError naming the flag or variable, what was found, what was expected
 */
export function readSettings(
  given: Partial<Record<FlagName, string>>,
  terminal: boolean,
  env: Environment = process.env,
) {
  refuseUnknownVariables(env);
  const value = (flag: FlagName) => read(flag, given[flag], env[variable(flag)]);
  const settings = {
    namespace: value("namespace") as string,
    statefulset: value("statefulset") as string,
    custodyNamespace: value("custody-namespace") as string,
    config: value("config") as string,
    timeoutMs: value("timeout") as number,
    shares: value("shares") as number,
    threshold: value("threshold") as number,
    concurrency: value("concurrency") as number,
    kubeconfig: value("kubeconfig") as string | undefined,
    kubeDefaults: {
      files: (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== ""),
      inCluster: Boolean(env["KUBERNETES_SERVICE_HOST"]),
      home: env["HOME"] || env["USERPROFILE"],
    },
    context: value("context") as string | undefined,
    address: value("address") as string | undefined,
    caFile: value("ca-file") as string | undefined,
    tokenFile: value("token-file") as string | undefined,
    kubernetesHost: value("kubernetes-host") as string,
    output: (value("output") as "table" | "json" | undefined) ?? (terminal ? "table" : "json"),
    logLevel: value("log-level") as Settings["logLevel"],
    color: terminal && !env["NO_COLOR"],
    terminal,
  } satisfies Settings;
  const from = (flag: FlagName) => {
    if (given[flag] !== undefined) return `--${flag}`;
    return env[variable(flag)] === undefined ? `--${flag} by default` : variable(flag);
  };
  refuseImpossibleShares(settings, from("threshold"), from("shares"));
  return settings;
}

function read(flag: FlagName, given: string | undefined, fromEnv: string | undefined): unknown {
  const { type, default: fallback } = flags[flag] as Flag;
  const text = given ?? fromEnv ?? fallback;
  if (text === undefined) return undefined;
  const value = type.read(text);
  if (value !== undefined) return value;
  const where = given === undefined ? variable(flag) : `--${flag}`;
  throw new ConfigError(`${where}: found "${text}", expected ${type.expected}`);
}

function variable(flag: FlagName): string {
  return prefix + flag.toUpperCase().replaceAll("-", "_");
}

function refuseUnknownVariables(env: Environment): void {
  const known = (Object.keys(flags) as FlagName[]).map(variable);
  const unknown = Object.keys(env).find((key) => key.startsWith(prefix) && !known.includes(key));
  if (unknown === undefined) return;
  // the prefix is alike in all, and would make every word near
  const bare = (name: string) => name.slice(prefix.length);
  const near = nearest(bare(unknown), known.map(bare));
  throw new ConfigError(`environment: found ${unknown}, which is no setting`, {
    todo: near ? `Did you mean ${prefix}${near}?` : `Settings are ${known.join(", ")}.`,
  });
}

function refuseImpossibleShares({ shares, threshold }: Settings, ofThreshold: string, ofShares: string): void {
  if (threshold > shares) {
    throw new ConfigError(`${ofThreshold}: found ${threshold}, expected at most ${ofShares}, which is ${shares}`);
  }
  if (shares > 1 && threshold === 1) {
    throw new ConfigError(`${ofThreshold}: found 1 with ${ofShares} ${shares}; Vault wants at least 2, or one share`);
  }
}
