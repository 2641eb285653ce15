import type { Health } from "../helpers/health.ts";

/** The key of argocd-cm with our definition. */
export const definitionKey = "resource.customizations.health.apiextensions.k8s.io_CustomResourceDefinition";

type Case = readonly [title: string, definition: object, expected: Health];

const condition = (type: string, status: string, message: string) => ({ type, status, message });
const accepted = condition("NamesAccepted", "True", "no conflicts found");
const established = condition("Established", "True", "the initial names have been accepted");
const notServed = condition("Established", "False", "not accepted");
const noneFound: Health = { status: "Progressing", message: "Status conditions not found" };
const healthy: Health = { status: "Healthy", message: "CRD is healthy" };
const notEstablished = "CRD is not established";

function definition(group: string, conditions: object[] | undefined, metadata: object = {}): object {
  return {
    apiVersion: "apiextensions.k8s.io/v1",
    kind: "CustomResourceDefinition",
    metadata: { name: `things.${group}`, ...metadata },
    spec: { group },
    status: { conditions },
  };
}

/** The cases in which a definition of ours is as any other. */
function common(group: string): readonly Case[] {
  return [
    ["Progressing without conditions", definition(group, undefined), noneFound],
    ["Progressing with an empty list of conditions", definition(group, []), noneFound],
    [
      "Progressing while it is being deleted",
      definition(group, [condition("Terminating", "True", "instances are left")]),
      { status: "Progressing", message: "CRD is terminating: instances are left" },
    ],
    ["Healthy once Kubernetes serves it", definition(group, [accepted, established]), healthy],
    [
      "Degraded when its names are already in use",
      definition(group, [condition("NamesAccepted", "False", "in use"), established]),
      { status: "Degraded", message: "CRD names have not been accepted: in use" },
    ],
    [
      "Degraded when its schema is not structural",
      definition(group, [accepted, established, condition("NonStructuralSchema", "True", "spec.x: Required value")]),
      { status: "Degraded", message: "Schema violations found: spec.x: Required value" },
    ],
  ];
}

/** Definitions that the waves of apps/ wait for. */
export const ownDefinitions: readonly Case[] = ["secrets.hashicorp.com", "vault-hooks.dev"].flatMap((group) => [
  ...common(group).map(([title, ...rest]): Case => [`${title}, in group ${group}`, ...rest]),
  [
    `Progressing while Kubernetes does not serve it yet, in group ${group}`,
    definition(group, [accepted, notServed]),
    { status: "Progressing", message: notEstablished },
  ] as const,
]);

/** Definitions of others, for which our script must give the same health as Argo CD itself. */
export const foreignDefinitions: readonly Case[] = [
  ...common("example.com"),
  [
    "Degraded while Kubernetes does not serve it yet",
    definition("example.com", [accepted, notServed]),
    { status: "Degraded", message: notEstablished },
  ],
  [
    "Degraded while Kubernetes does not serve it yet, with a group that ends like ours",
    definition("x.vault-hooks.dev", [accepted]),
    { status: "Degraded", message: notEstablished },
  ],
];
