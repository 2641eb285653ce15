import { beforeAll, describe, expect, test } from "vitest";
import { keepResponseMs } from "../../src/bring-up/time-limits.ts";
import { ExitCode } from "../../src/errors.ts";
import { readSettings, type Settings } from "../../src/settings.ts";
import { type Manifest, only, render, wave } from "../helpers/manifests.ts";
import { imageRef } from "../image/build.ts";

const verbs = ["init", "unseal", "join", "configure"] as const;

type Job = Manifest & {
  spec: {
    backoffLimit: number;
    activeDeadlineSeconds: number;
    ttlSecondsAfterFinished?: number;
    podFailurePolicy: {
      rules: {
        action: string;
        onExitCodes?: { containerName: string; operator: string; values: number[] };
        onPodConditions?: { type: string; status: string }[];
      }[];
    };
    template: { spec: PodSpec };
  };
};
type PodSpec = Record<string, unknown> & {
  terminationGracePeriodSeconds?: number;
  containers: Container[];
  securityContext: Record<string, unknown>;
  volumes?: { name: string; configMap?: { name: string }; projected?: { sources: unknown[] } }[];
};
type Container = Record<string, unknown> & {
  name: string;
  image: string;
  args: string[];
  env?: { name: string; value?: string }[];
  envFrom: { configMapRef: { name: string; optional?: boolean } }[];
  resources: Record<"requests" | "limits", Record<"cpu" | "memory", string>>;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
};

let hooks: Manifest[];
let jobs: Record<(typeof verbs)[number], Job>;
let settings: Settings;

beforeAll(async () => {
  hooks = await render("hooks");
  jobs = Object.fromEntries(verbs.map((verb) => [verb, only(hooks, "Job", `vault-${verb}`)])) as typeof jobs;
  const { data } = only(hooks, "ConfigMap", "vault-hooks-settings");
  settings = readSettings({}, false, data as Record<string, string>);
}, 900_000);

function container(verb: (typeof verbs)[number]): Container {
  const [first, ...more] = jobs[verb].spec.template.spec.containers;
  if (!first || more.length > 0) throw new Error(`expected one container in the Job of ${verb}`);
  return first;
}

/** Sum of the job controller's pauses between tries, in seconds: ten, doubled each time, ten minutes at most. */
function pauses(retries: number): number {
  return Array.from({ length: retries }, (_, i) => Math.min(10 * 2 ** i, 600)).reduce((a, b) => a + b, 0);
}

test("init is not killed while it holds the only copy of the keys", () => {
  const call = 180_000; // milliseconds that one call of sys/init may take

  const grace = jobs.init.spec.template.spec.terminationGracePeriodSeconds ?? 30;

  expect(grace * 1000).toBeGreaterThan(call + keepResponseMs);
});

test("all four Jobs run the image of this version", () => {
  expect(verbs.map((verb) => container(verb).image)).toEqual(verbs.map(() => imageRef));
});

test("the sample sets one key share, and leaves names and namespaces at their defaults", () => {
  const { namespace, custodyNamespace, statefulset } = readSettings({}, false, {});

  expect(settings).toMatchObject({ shares: 1, threshold: 1, namespace, custodyNamespace, statefulset });
});

describe.each(verbs)("the Job of %s", (verb) => {
  test("runs after the sync, in its wave, under a fixed name, and stays so that its log can be read", () => {
    expect(jobs[verb].metadata).toMatchObject({ name: `vault-${verb}`, namespace: "vault" });
    expect(jobs[verb].metadata.annotations).toMatchObject({
      "argocd.argoproj.io/hook": "PostSync",
      "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    });
    expect(wave(jobs[verb])).toBe(verbs.indexOf(verb) + 1);
    expect(jobs[verb].spec.ttlSecondsAfterFinished).toBeUndefined();
  });

  test("has a deadline after all of its tries", () => {
    const { backoffLimit, activeDeadlineSeconds } = jobs[verb].spec;
    const podStart = 30;

    expect(backoffLimit).toBeGreaterThanOrEqual(3);
    expect(backoffLimit).toBeLessThanOrEqual(6);
    expect(activeDeadlineSeconds).toBeGreaterThan(
      (backoffLimit + 1) * (settings.timeoutMs / 1000 + podStart) + pauses(backoffLimit),
    );
  });

  test("fails at once on the exit codes that a retry would not change, and on no other", () => {
    expect(jobs[verb].spec.podFailurePolicy.rules).toEqual([
      { action: "Ignore", onPodConditions: [{ type: "DisruptionTarget", status: "True" }] },
      {
        action: "FailJob",
        onExitCodes: {
          containerName: verb,
          operator: "In",
          values: [ExitCode.config, ExitCode.refused, ExitCode.denied],
        },
      },
    ]);
    expect(jobs[verb].spec.template.spec["restartPolicy"]).toBe("Never");
  });

  test("is restricted, with a read-only root file system", () => {
    const pod = jobs[verb].spec.template.spec;

    expect(pod.securityContext).toMatchObject({
      runAsNonRoot: true,
      runAsUser: 65532,
      seccompProfile: { type: "RuntimeDefault" },
    });
    expect(container(verb)["securityContext"]).toEqual({
      allowPrivilegeEscalation: false,
      readOnlyRootFilesystem: true,
      capabilities: { drop: ["ALL"] },
    });
    for (const field of ["hostNetwork", "hostPID", "hostIPC", "initContainers"]) expect(pod).not.toHaveProperty(field);
    for (const volume of pod.volumes ?? []) expect(volume).not.toHaveProperty("hostPath");
  });

  test("has its own ServiceAccount with a token, and no Services in its environment", () => {
    expect(jobs[verb].spec.template.spec).toMatchObject({
      serviceAccountName: `vault-hooks-${verb}`,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
    });
  });

  test("runs the verb without a shell, and requires the settings in its environment", () => {
    expect(container(verb).args).toEqual([verb]);
    expect(container(verb)).not.toHaveProperty("command");
    expect(container(verb).envFrom).toEqual([{ configMapRef: { name: "vault-hooks-settings" } }]);
    for (const { name, value } of container(verb).env ?? []) {
      // a variable here would win over the same setting, without a word
      expect(["VAULT_HOOKS_CONFIG", "VAULT_HOOKS_TOKEN_FILE"]).toContain(name);
      expect(value).toEqual(expect.any(String));
    }
  });

  test("requests and limits processor and memory, and shows the end of its log as the pod's message", () => {
    const { requests, limits } = container(verb).resources;

    for (const each of [requests, limits])
      expect(each).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
    expect(container(verb)["terminationMessagePolicy"]).toBe("FallbackToLogsOnError");
  });
});

describe("the desired state is", () => {
  test.each([
    ["init", true],
    ["unseal", false],
    ["join", false],
    ["configure", true],
  ] as const)("mounted in the Job of %s: %s", (verb, sees) => {
    const mount = container(verb).volumeMounts?.find(({ mountPath }) => mountPath === "/etc/vault-hooks/config");
    const volume = jobs[verb].spec.template.spec.volumes?.find(({ name }) => name === mount?.name);

    expect(volume?.configMap?.name).toBe(sees ? "vault-hooks-config" : undefined);
    expect((container(verb).env ?? []).some(({ name }) => name === "VAULT_HOOKS_CONFIG")).toBe(sees);
  });

  test("a ConfigMap with a fixed name, whose keys give back the paths", () => {
    const { data } = only(hooks, "ConfigMap", "vault-hooks-config") as Manifest & { data: object };

    expect(Object.keys(data)).toContain("policies__dev.hcl");
  });
});

test("only configure has a token for Vault: short-lived, with its own audience, in the file that the program reads", () => {
  const projected = verbs.filter((verb) => jobs[verb].spec.template.spec.volumes?.some((each) => each.projected));
  const source = jobs.configure.spec.template.spec.volumes?.find((each) => each.projected)?.projected?.sources;

  expect(projected).toEqual(["configure"]);
  expect(source).toEqual([{ serviceAccountToken: { audience: "vault-hooks", expirationSeconds: 600, path: "token" } }]);
  expect(container("configure").volumeMounts).toContainEqual(
    expect.objectContaining({ mountPath: "/var/run/secrets/vault-hooks", readOnly: true }),
  );
  expect(container("configure").env).toContainEqual({
    name: "VAULT_HOOKS_TOKEN_FILE",
    value: "/var/run/secrets/vault-hooks/token",
  });
});
