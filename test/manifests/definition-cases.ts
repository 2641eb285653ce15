import type { Health } from "../helpers/health.ts";

/** The key of argocd-cm with our definition. */
export const definitionKey = "resource.customizations.health.apiextensions.k8s.io_CustomResourceDefinition";

type Case = readonly [title: string, definition: object, expected: Health];

const condition = (type: string, status: string, message: string) => ({ type, status, message });
const accepted = condition("NamesAccepted", "True", "no conflicts found");
const established = condition("Established", "True", "the initial names have been accepted");
const notServed = condition("Established", "False", "not accepted");
const installing = { ...notServed, reason: "Installing" };
const noneFound: Health = { status: "Progressing", message: "Status conditions not found" };
const healthy: Health = { status: "Healthy", message: "CRD is healthy" };
const notEstablished: Health = { status: "Progressing", message: "CRD is not established" };

function definition(conditions: object[] | undefined, group = "example.com"): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `things.${group}` },
    spec: { group },
    status: { conditions },
  };
}

/** CustomResourceDefinitions, with the health that Argo CD 3.6 itself gives them. */
export const definitions: readonly Case[] = [
  ["Progressing without conditions", definition(undefined), noneFound],
  ["Progressing with an empty list of conditions", definition([]), noneFound],
  [
    "Progressing while it is being deleted",
    definition([condition("Terminating", "True", "instances are left")]),
    { status: "Progressing", message: "CRD is terminating: instances are left" },
  ],
  ["Healthy once Kubernetes serves it", definition([accepted, established]), healthy],
  ["Progressing while Kubernetes does not serve it yet", definition([accepted, notServed]), notEstablished],
  ["Progressing before Kubernetes has looked at all of it", definition([accepted]), notEstablished],
  [
    "Progressing while Kubernetes installs it",
    definition([accepted, installing]),
    { status: "Progressing", message: "CRD is being installed" },
  ],
  [
    "Degraded when the CA of its webhook is wrong",
    definition([accepted, { ...condition("Established", "False", "no PEM"), reason: "InvalidCABundle" }]),
    { status: "Degraded", message: "CRD is not established: no PEM" },
  ],
  [
    "Degraded when its names are already in use",
    definition([condition("NamesAccepted", "False", "in use"), established]),
    { status: "Degraded", message: "CRD names have not been accepted: in use" },
  ],
  [
    "Degraded when its schema is not structural",
    definition([accepted, established, condition("NonStructuralSchema", "True", "spec.x: Required value")]),
    { status: "Degraded", message: "Schema violations found: spec.x: Required value" },
  ],
];

const operators = (conditions: object[] | undefined) => definition(conditions, "secrets.hashicorp.com");

/** Definitions of the operator, each of which Argo CD itself reports as Progressing. */
export const operatorsDefinitions: readonly Case[] = [
  ["without conditions", operators(undefined), { ...noneFound, status: "Healthy" }],
  ["before Kubernetes has looked at all of it", operators([accepted]), { ...notEstablished, status: "Healthy" }],
  [
    "while Kubernetes installs it",
    operators([accepted, installing]),
    { status: "Healthy", message: "CRD is being installed" },
  ],
];

/** A definition of the operator that is being deleted. */
export const deletedDefinition = operators([
  accepted,
  established,
  condition("Terminating", "True", "instances are left"),
]);

/** A definition of the operator that Kubernetes refuses. */
export const refusedDefinition = operators([condition("NamesAccepted", "False", "in use")]);
