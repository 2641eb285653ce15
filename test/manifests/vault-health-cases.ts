import type { Health } from "../helpers/health.ts";

type Case = readonly [title: string, object: object, expected: Health];

/** Objects VaultHealth with the health that Argo CD must report at this time. */
export function vaultHealthCases(now: Date): Case[] {
  const time = (seconds: number) => new Date(now.getTime() + seconds * 1000).toISOString().replace(/\.\d+Z$/, "Z");
  const [earlier, later] = [time(-120), time(3600)];
  const ok = { exitCode: 0, finishedAt: earlier };
  const refused = { exitCode: 4, finishedAt: earlier, message: "the storage was lost", remedy: "Restore it." };
  const notReady = { exitCode: 3, finishedAt: earlier, message: "no answer", remedy: "Wait." };
  const drifted = { exitCode: 10, finishedAt: earlier, message: "3 differences" };
  const healthy = { type: "Healthy", status: "True", reason: "Healthy", message: "3/3 members unsealed" };
  const sealed = { object: "pod/vault-1", since: earlier, message: "vault-1 is sealed", remedy: "Unseal it." };
  const refusal = { ...sealed, object: "hook/init", message: "init ended with exit code 4" };

  /** An object that was observed a minute ago. @param status replaces some fields */
  function observed(status: object): object {
    const report = { observedAt: time(-60), validUntil: later, conditions: [healthy], problems: [] };
    return vaultHealth({ ...report, hooks: { init: ok, unseal: ok, join: ok, configure: ok }, ...status });
  }
  const degraded = (message: string): Health => ({ status: "Degraded", message });
  const well: Health = { status: "Healthy", message: healthy.message };
  const unobserved: Health = { status: "Progressing", message: "the watcher has not observed Vault yet" };
  const initRefused = degraded("init ended with exit code 4: the storage was lost. Restore it.");
  const drift = degraded("Vault differs from its configuration in Git: 3 differences. Sync the Application of Vault.");

  return [
    [
      "Degraded while there is a problem, with its remedy",
      observed({ problems: [sealed] }),
      degraded("vault-1 is sealed. Unseal it."),
    ],
    [
      "Degraded with the count of other problems",
      observed({ problems: [sealed, { ...sealed, object: "pod/vault-2" }], hooks: { init: refused } }),
      degraded("vault-1 is sealed. Unseal it. (and 2 more)"),
    ],
    ["Degraded when init refused", observed({ hooks: { init: refused } }), initRefused],
    [
      "Degraded when a hook failed, although no watcher has ever observed Vault",
      vaultHealth({ hooks: { init: refused } }),
      initRefused,
    ],
    [
      "Degraded once for a refusal that the watcher reports too",
      observed({ hooks: { init: refused }, problems: [refusal] }),
      initRefused,
    ],
    [
      "Degraded when a hook's configuration is wrong",
      observed({ hooks: { configure: { exitCode: 2, finishedAt: earlier } } }),
      degraded("configure ended with exit code 2"),
    ],
    [
      "Degraded when nobody has retried a hook in time",
      observed({ hooks: { unseal: { ...notReady, retryUntil: time(-1) } } }),
      degraded("unseal ended with exit code 3: no answer. Wait."),
    ],
    [
      "Degraded while a hook is retried that the watcher has seen to fail for too long",
      observed({
        hooks: { unseal: { ...notReady, retryUntil: later } },
        problems: [{ ...sealed, object: "hook/unseal", message: "unseal ended with exit code 3", remedy: "Wait." }],
      }),
      degraded("unseal ended with exit code 3. Wait."),
    ],
    [
      "Degraded when no plan has had a result for too long",
      observed({
        hooks: { plan: { ...notReady, retryUntil: time(-1) } },
        problems: [
          { ...sealed, object: "hook/plan", message: "no comparison has had a result", remedy: "See the log." },
        ],
      }),
      degraded("no comparison has had a result. See the log."),
    ],
    ["Degraded when plan found drift", observed({ hooks: { plan: drifted } }), drift],
    [
      "Degraded when plan was denied after configure had run",
      observed({
        hooks: { plan: { exitCode: 5, finishedAt: earlier }, configure: { exitCode: 0, finishedAt: time(-240) } },
      }),
      degraded("plan ended with exit code 5"),
    ],
    [
      "Degraded when configure failed after plan had found drift",
      observed({ hooks: { plan: drifted, configure: { ...notReady, finishedAt: time(-60), retryUntil: later } } }),
      drift,
    ],
    [
      "Degraded when the watcher has reported nothing for minutes",
      observed({ validUntil: time(-1) }),
      degraded(`the watcher has reported nothing since ${time(-60)}. See the Deployment in namespace vault-watch.`),
    ],
    ["Healthy while nothing is wrong", observed({}), well],
    ["Healthy while the watcher runs, and no hook has", observed({ hooks: undefined }), well],
    ["Healthy while a hook may be retried", observed({ hooks: { unseal: { ...notReady, retryUntil: later } } }), well],
    [
      "Healthy when configure has run since plan found drift",
      observed({ hooks: { plan: drifted, configure: { exitCode: 0, finishedAt: time(-60) } } }),
      well,
    ],
    [
      "Healthy after a plan that found Vault not ready, however long ago",
      observed({ hooks: { plan: { ...notReady, retryUntil: time(-1) } } }),
      well,
    ],
    [
      "Healthy when configure has run since plan was denied",
      observed({
        hooks: { plan: { exitCode: 5, finishedAt: earlier }, configure: { exitCode: 0, finishedAt: earlier } },
      }),
      well,
    ],
    [
      "Healthy when a hook has succeeded since the watcher reported it",
      observed({ problems: [refusal], conditions: [{ ...healthy, status: "False", message: "init refused" }] }),
      { status: "Healthy", message: "the last problem has ended" },
    ],
    ["Progressing before anything has written its status", vaultHealth(undefined), unobserved],
    [
      "Progressing while the first observation waits for a grace",
      observed({ conditions: [{ ...healthy, status: "Unknown" }] }),
      { status: "Progressing", message: healthy.message },
    ],
    [
      "Progressing while hooks have succeeded, and the watcher has not observed Vault",
      vaultHealth({ hooks: { init: ok } }),
      unobserved,
    ],
  ];
}

function vaultHealth(status: object | undefined): object {
  return {
    apiVersion: "vault-hooks.dev/v1alpha1",
    kind: "VaultHealth",
    metadata: { name: "vault", namespace: "vault-watch" },
    spec: {},
    ...(status && { status }),
  };
}
