import { readFile } from "node:fs/promises";
import { join } from "node:path";
import { beforeAll, describe, expect, test } from "vitest";
import { keepAnswerMs } from "../../src/bring-up/time-limits.ts";
import { ExitCode } from "../../src/errors.ts";
import { projectDir } from "../cluster/paths.ts";
import { run } from "../cluster/run.ts";
import { type Manifest, only, render, wave } from "../helpers/manifests.ts";

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
  env: { name: string; value?: string }[];
  resources: Record<"requests" | "limits", Record<"cpu" | "memory", string>>;
  volumeMounts?: { name: string; mountPath: string; readOnly?: boolean }[];
};

let hooks: Manifest[];
let jobs: Record<(typeof verbs)[number], Job>;

beforeAll(async () => {
  hooks = await render("hooks");
  jobs = Object.fromEntries(verbs.map((verb) => [verb, only(hooks, "Job", `vault-${verb}`)])) as typeof jobs;
}, 900_000);

function container(verb: (typeof verbs)[number]): Container {
  const [first, ...more] = jobs[verb].spec.template.spec.containers;
  if (!first || more.length > 0) throw new Error("not one container");
  return first;
}

/** Seconds of a value such as 5m. */
function seconds(duration: string): number {
  const [, amount, unit] = /^(\d+)([smh])$/.exec(duration) ?? [];
  return Number(amount) * { s: 1, m: 60, h: 3600 }[unit as "s" | "m" | "h"];
}

/** The job controller's pauses between tries, in seconds: ten, doubled each time, ten minutes at most. */
function pauses(retries: number): number {
  return Array.from({ length: retries }, (_, i) => Math.min(10 * 2 ** i, 600)).reduce((a, b) => a + b, 0);
}

test("init is not killed while it holds the only copy of the keys", () => {
  const call = 180_000; // milliseconds that one call of sys/init may take

  const grace = jobs.init.spec.template.spec.terminationGracePeriodSeconds ?? 30;

  expect(grace * 1000).toBeGreaterThan(call + keepAnswerMs);
});

describe.each(verbs)("the Job of %s", (verb) => {
  test("runs after the sync, in its wave, under a fixed name, and stays for its log to be read", () => {
    expect(jobs[verb].metadata).toMatchObject({ name: `vault-${verb}`, namespace: "vault" });
    expect(jobs[verb].metadata.annotations).toMatchObject({
      "argocd.argoproj.io/hook": "PostSync",
      "argocd.argoproj.io/hook-delete-policy": "BeforeHookCreation",
    });
    expect(wave(jobs[verb])).toBe(verbs.indexOf(verb) + 1);
    expect(jobs[verb].spec.ttlSecondsAfterFinished).toBeUndefined();
  });

  test("is not cut off while a try is still good", () => {
    const { backoffLimit, activeDeadlineSeconds } = jobs[verb].spec;
    const timeout = container(verb).env.find(({ name }) => name === "VAULT_HOOKS_TIMEOUT")?.value ?? "";
    const podStart = 30;

    expect(backoffLimit).toBeGreaterThanOrEqual(3);
    expect(backoffLimit).toBeLessThanOrEqual(6);
    expect(activeDeadlineSeconds).toBeGreaterThan(
      (backoffLimit + 1) * (seconds(timeout) + podStart) + pauses(backoffLimit),
    );
  });

  test("fails at once on what trying again does not change, and on nothing else", () => {
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

  test("is restricted, with a root that it cannot write to", () => {
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

  test("names its ServiceAccount, asks for its token, and for no Service in its environment", () => {
    expect(jobs[verb].spec.template.spec).toMatchObject({
      serviceAccountName: `vault-hooks-${verb}`,
      automountServiceAccountToken: true,
      enableServiceLinks: false,
    });
  });

  test("runs the verb without a shell, and takes its settings from the environment", () => {
    expect(container(verb).args).toEqual([verb]);
    expect(container(verb)).not.toHaveProperty("command");
    for (const { name, value } of container(verb).env) {
      expect(name).toMatch(/^VAULT_HOOKS_/);
      expect(value).toEqual(expect.any(String));
    }
  });

  test("asks for and is limited in processor and memory, and tells its last words", () => {
    const { requests, limits } = container(verb).resources;

    for (const each of [requests, limits])
      expect(each).toEqual({ cpu: expect.any(String), memory: expect.any(String) });
    expect(container(verb)["terminationMessagePolicy"]).toBe("FallbackToLogsOnError");
  });
});

describe("the desired state and the token", () => {
  test.each([
    ["init", true],
    ["unseal", false],
    ["join", false],
    ["configure", true],
  ] as const)("%s sees the desired state: %s", (verb, sees) => {
    const mount = container(verb).volumeMounts?.find(({ mountPath }) => mountPath === "/etc/vault-hooks/config");
    const volume = jobs[verb].spec.template.spec.volumes?.find(({ name }) => name === mount?.name);

    expect(volume?.configMap?.name).toBe(sees ? "vault-hooks-config" : undefined);
    expect(container(verb).env.some(({ name }) => name === "VAULT_HOOKS_CONFIG")).toBe(sees);
  });

  test("only configure has a token for Vault: of its audience, short, where the program looks", () => {
    const projected = verbs.filter((verb) => jobs[verb].spec.template.spec.volumes?.some((each) => each.projected));
    const source = jobs.configure.spec.template.spec.volumes?.find((each) => each.projected)?.projected?.sources;

    expect(projected).toEqual(["configure"]);
    expect(source).toEqual([
      { serviceAccountToken: { audience: "vault-hooks", expirationSeconds: 600, path: "token" } },
    ]);
    expect(container("configure").volumeMounts).toContainEqual(
      expect.objectContaining({ mountPath: "/var/run/secrets/vault-hooks", readOnly: true }),
    );
    expect(container("configure").env).toContainEqual({
      name: "VAULT_HOOKS_TOKEN_FILE",
      value: "/var/run/secrets/vault-hooks/token",
    });
  });

  test("a key of the desired state gives back its path, without a suffix that changes", () => {
    const { data, metadata } = only(hooks, "ConfigMap", "vault-hooks-config") as Manifest & { data: object };

    expect(metadata.annotations).toEqual({ "argocd.argoproj.io/sync-options": "ServerSideApply=true" });
    expect(Object.keys(data)).toContain("policies__dev.hcl");
  });
});

describe("a change of a hook alone", () => {
  test("is a change of an ordinary object: it holds every Job's file and the image's place", async () => {
    const { data, metadata } = only(hooks, "ConfigMap", "vault-hooks-jobs") as Manifest & {
      data: Record<string, string>;
    };

    expect(metadata.annotations).not.toHaveProperty("argocd.argoproj.io/hook");
    expect(Object.keys(data).sort()).toEqual([...verbs.map((verb) => `${verb}-job.yaml`), "kustomization.yaml"].sort());
    for (const [file, text] of Object.entries(data)) {
      expect(text).toBe(await readFile(join(projectDir, "hooks", file), "utf8"));
    }
  });

  test("of image is made in one place", async () => {
    const image = container("init").image;
    const [repository = ""] = image.split(/[:@]/);

    const files = await run("grep", ["-rlF", repository, "hooks", "apps"], { cwd: projectDir });

    expect(image).toMatch(/^ghcr\.io\/vault-hooks\/vault-hooks[:@]/);
    expect(new Set(verbs.map((verb) => container(verb).image)).size).toBe(1);
    expect(files.trim()).toBe("hooks/kustomization.yaml");
  });
});
