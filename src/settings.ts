import { delimiter, resolve } from "node:path";
import { ConfigError } from "./errors.ts";
import {
  boolean,
  duration,
  kubernetesName,
  listenAddress,
  listOf,
  namespacedName,
  oneOf,
  optional,
  path,
  type Setting,
  url,
  wholeNumber,
  withDefault,
} from "./setting-types.ts";
import { nearest } from "./util/nearest.ts";

/** Every setting by its flag, in the order of --help. None is a secret: `ps` shows the command line to every user. */
const table = {
  namespace: withDefault("Namespace of the Vault StatefulSet", kubernetesName, "vault"),
  statefulset: withDefault("Name of the Vault StatefulSet", kubernetesName, "vault"),
  "custody-namespace": withDefault("Namespace that holds the unseal keys", kubernetesName, "vault-custody"),
  "watch-namespace": withDefault("Namespace of watch, with its Lease and VaultHealth", kubernetesName, "vault-watch"),
  config: withDefault("Folder of the desired state", path, "hooks/config"),
  timeout: withDefault("Time limit for the whole run, such as 90s or 5m, at most 24h", duration, "5m"),
  shares: withDefault("Number of unseal key shares that init creates", wholeNumber(1, 255), "5"),
  threshold: withDefault("Number of shares required to unseal", wholeNumber(1, 255), "3"),
  concurrency: withDefault("Maximum number of parallel requests to Vault", wholeNumber(1, 256), "32"),
  kubeconfig: optional("Kubeconfig file (default: KUBECONFIG, the pod's ServiceAccount, ~/.kube/config)", path),
  context: optional("Kubeconfig context (default: the current context)", path),
  address: optional(
    "URL template for reaching Vault's pods; must contain {pod} or {ordinal} " +
      "(default: DNS names in the cluster, port-forwarding outside it)",
    url(/^https?:\/\/[^/]+$/, "a URL like https://{pod}.example:8200, without a path", /\{pod\}|\{ordinal\}/g),
  ),
  "ca-file": optional("PEM file with the CA certificates for Vault's TLS", path),
  "token-file": optional(
    "File with the ServiceAccount token used to log in to Vault (default: request one from Kubernetes)",
    path,
  ),
  "kubernetes-host": withDefault(
    "URL of the Kubernetes API as seen from Vault's pods; the first configure writes it, later runs only compare it",
    url(/^https:\/\/[^/]+\/?$/, "a URL like https://kubernetes.default.svc"),
    "https://kubernetes.default.svc",
  ),
  listen: withDefault(
    "Address on which watch serves /healthz, /readyz and /metrics, such as :8080 or 127.0.0.1:8080",
    listenAddress,
    ":8080",
  ),
  application: optional(
    "Argo CD Application with the hooks, as NAMESPACE/NAME, of which watch requests syncs (default: none)",
    namespacedName,
  ),
  "needed-applications": withDefault(
    "Applications on which --application depends; watch only repeats their failed syncs, and ends operations that hang",
    listOf(namespacedName),
    "",
  ),
  "correct-drift": withDefault(
    "Whether watch requests a sync when Vault differs from Git: true or false",
    boolean,
    "false",
  ),
  "changes-exit-code": withDefault("Exit code of plan if there are changes: 0 or 10", oneOf("0", "10"), "10"),
  output: optional("Output format: table or json (default: table on a terminal, else json)", oneOf("table", "json")),
  "log-level": withDefault("Log level: debug, info, warn or error", oneOf("debug", "info", "warn", "error"), "info"),
};

export type FlagName = keyof typeof table;
type Values = { readonly [Name in FlagName]: ReturnType<(typeof table)[Name]["parse"]> };

export const flags: { readonly [Name in FlagName]: Setting<Values[Name]> } = table;

/** The command line: the flags as they were typed, and the folder argument, which means the same as --config. */
export type FlagsGiven = Partial<Record<FlagName | "folder", string>>;

export type Environment = Readonly<Record<string, string | undefined>>;
const prefix = "VAULT_HOOKS_";

export type Settings = Readonly<ReturnType<typeof readSettings>>;

/**
 * Returns each setting from its flag, else from the environment, else its default. Durations are in milliseconds.
 *
 * @param terminal whether standard output is a terminal
 * @throws ConfigError with the flag or variable, the value found and what was expected
 */
export function readSettings(given: FlagsGiven, terminal: boolean, env: Environment = process.env) {
  refuseUnknownVariables(env);
  refuseTwoFolders(given);
  const source = (flag: FlagName) => {
    if (flag === "config" && given.folder !== undefined) return "argument";
    if (given[flag] !== undefined) return `--${flag}`;
    return env[variable(flag)] === undefined ? `--${flag} (default)` : variable(flag);
  };
  const typed = (flag: FlagName) => (flag === "config" ? (given.folder ?? given.config) : given[flag]);
  const read = <Name extends FlagName>(flag: Name): Values[Name] =>
    flags[flag].parse(typed(flag) ?? env[variable(flag)], source(flag));
  const settings = {
    namespace: read("namespace"),
    statefulset: read("statefulset"),
    custodyNamespace: read("custody-namespace"),
    watchNamespace: read("watch-namespace"),
    config: read("config"),
    timeoutMs: read("timeout"),
    shares: read("shares"),
    threshold: read("threshold"),
    concurrency: read("concurrency"),
    kubeconfig: read("kubeconfig"),
    /** Where kubectl looks for the cluster if no kubeconfig is named, in this order. */
    kubeDefaults: {
      files: (env["KUBECONFIG"] ?? "").split(delimiter).filter((file) => file !== ""),
      // Kubernetes sets it in every container
      inCluster: Boolean(env["KUBERNETES_SERVICE_HOST"]),
      home: env["HOME"] || env["USERPROFILE"],
    },
    context: read("context"),
    address: read("address"),
    caFile: read("ca-file"),
    tokenFile: read("token-file"),
    kubernetesHost: read("kubernetes-host"),
    listen: read("listen"),
    application: read("application"),
    neededApplications: read("needed-applications"),
    correctDrift: read("correct-drift"),
    changesExitCode: read("changes-exit-code"),
    output: read("output") ?? (terminal ? "table" : "json"),
    logLevel: read("log-level"),
    /** @see https://no-color.org */
    color: terminal && !env["NO_COLOR"],
    terminal,
  };
  refuseImpossibleShares(settings, source("threshold"), source("shares"));
  return settings;
}

function variable(flag: string): string {
  return prefix + flag.toUpperCase().replaceAll("-", "_");
}

function refuseUnknownVariables(env: Environment): void {
  const known = Object.keys(flags).map(variable);
  const unknown = Object.keys(env).find((key) => key.startsWith(prefix) && !known.includes(key));
  if (unknown === undefined) return;
  // with the common prefix every name would be near
  const bare = (name: string) => name.slice(prefix.length);
  const near = nearest(bare(unknown), known.map(bare));
  throw new ConfigError(`environment: found ${unknown}, which is not a setting`, {
    todo: near ? `Did you mean ${prefix}${near}?` : `The settings are ${known.join(", ")}.`,
  });
}

function refuseTwoFolders({ folder, config }: FlagsGiven): void {
  if (folder === undefined || config === undefined || resolve(folder) === resolve(config)) return;
  throw new ConfigError(
    `command line: found the folder "${folder}" as an argument and "${config}" as --config, expected one`,
  );
}

type Shares = { readonly shares: number; readonly threshold: number };

function refuseImpossibleShares({ shares, threshold }: Shares, ofThreshold: string, ofShares: string): void {
  if (threshold > shares) {
    throw new ConfigError(`${ofThreshold}: found ${threshold}, expected at most ${ofShares}, which is ${shares}`);
  }
  if (shares > 1 && threshold === 1) {
    throw new ConfigError(
      `${ofThreshold}: found 1 with ${ofShares} ${shares}; Vault requires at least 2, or one share`,
    );
  }
}
