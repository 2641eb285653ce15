import type { Manifest } from "../helpers/manifests.ts";

type Labels = Readonly<Record<string, string>>;
type Selector = { readonly matchLabels?: Labels };
type Peer = { readonly podSelector?: Selector; readonly namespaceSelector?: Selector };
type Port = { readonly port: number | string; readonly protocol?: string };
type Rule = { readonly from?: readonly Peer[]; readonly to?: readonly Peer[]; readonly ports?: readonly Port[] };
export type NetworkPolicy = Manifest & {
  readonly spec: {
    readonly podSelector: Selector;
    readonly policyTypes: readonly ("Ingress" | "Egress")[];
    readonly ingress?: readonly Rule[];
    readonly egress?: readonly Rule[];
  };
};

/** A pod, or what is outside of the cluster's pods: a node, the API server, the internet. */
export type Pod = {
  readonly namespace: string;
  readonly namespaceLabels?: Labels;
  readonly labels: Labels;
  /** The names of its ports. */
  readonly ports?: Readonly<Record<string, number>>;
};
export type End = Pod | "outside";
type Connection = { readonly from: End; readonly to: End; readonly port: number; readonly protocol?: string };

/**
 * Whether a network plugin that enforces these policies lets a connection through. Pure. Knows only the fields that this project uses,
 * and throws on others.
 *
 * @see https://kubernetes.io/docs/concepts/services-networking/network-policies/
 */
export function allows(policies: readonly NetworkPolicy[], connection: Connection): boolean {
  const { from, to } = connection;
  return passes(policies, "Egress", from, to, connection) && passes(policies, "Ingress", to, from, connection);
}

function passes(
  policies: readonly NetworkPolicy[],
  type: "Ingress" | "Egress",
  pod: End,
  other: End,
  connection: Connection,
): boolean {
  if (pod === "outside") return true;
  const applied = policies.filter(
    ({ metadata, spec }) =>
      metadata.namespace === pod.namespace && spec.policyTypes.includes(type) && selects(spec.podSelector, pod.labels),
  );
  if (applied.length === 0) return true;
  return applied.some(({ metadata, spec }) => {
    const rules = (type === "Ingress" ? spec.ingress : spec.egress) ?? [];
    return rules.some((rule) => {
      const peers = type === "Ingress" ? rule.from : rule.to;
      const isPeer = peers === undefined || peers.some((peer) => isSelected(peer, other, metadata.namespace ?? ""));
      return isPeer && (rule.ports === undefined || rule.ports.some((port) => isPort(port, connection)));
    });
  });
}

function isSelected(peer: Peer, other: End, namespace: string): boolean {
  knowsOnly(peer, ["podSelector", "namespaceSelector"]);
  if (other === "outside") return false;
  const labels = { ...other.namespaceLabels, "kubernetes.io/metadata.name": other.namespace };
  const inNamespace = peer.namespaceSelector ? selects(peer.namespaceSelector, labels) : other.namespace === namespace;
  return inNamespace && (peer.podSelector === undefined || selects(peer.podSelector, other.labels));
}

function isPort({ port, protocol = "TCP", ...rest }: Port, connection: Connection): boolean {
  knowsOnly(rest, []);
  const named = connection.to === "outside" ? undefined : connection.to.ports?.[port];
  return protocol === (connection.protocol ?? "TCP") && (named ?? port) === connection.port;
}

function selects(selector: Selector, labels: Labels): boolean {
  knowsOnly(selector, ["matchLabels"]);
  return Object.entries(selector.matchLabels ?? {}).every(([name, value]) => labels[name] === value);
}

function knowsOnly(object: object, fields: readonly string[]): void {
  const unknown = Object.keys(object).filter((field) => !fields.includes(field));
  if (unknown.length > 0) throw new Error(`unknown field of a NetworkPolicy: ${unknown.join(", ")}`);
}
