import { describe, expect, it } from "vitest";
import { ConfigError } from "../../src/errors.ts";
import { readSettings } from "../../src/settings.ts";

describe("readSettings", () => {
  it("prefers a flag to the environment, and the environment to the default", () => {
    const env = { VAULT_HOOKS_NAMESPACE: "from-env", VAULT_HOOKS_TIMEOUT: "90s" };

    const settings = readSettings({ namespace: "from-flag" }, false, env);

    expect(settings).toMatchObject({ namespace: "from-flag", timeoutMs: 90_000, custodyNamespace: "vault-custody" });
  });

  it("defaults to a table on a terminal and to JSON elsewhere", () => {
    expect(readSettings({}, true, {}).output).toBe("table");
    expect(readSettings({}, false, {}).output).toBe("json");
    expect(readSettings({ output: "table" }, false, {}).output).toBe("table");
  });

  it("uses colour only on a terminal, and never with NO_COLOR", () => {
    expect(readSettings({}, true, {}).color).toBe(true);
    expect(readSettings({}, true, { NO_COLOR: "1" }).color).toBe(false);
    expect(readSettings({}, false, {}).color).toBe(false);
  });

  it.each([
    [{ timeout: "soon" }, {}, '--timeout: found "soon", expected a duration like 90s, 5m or 1h30m'],
    [{ timeout: "0s" }, {}, '--timeout: found "0s"'],
    [{ timeout: "30d" }, {}, '--timeout: found "30d", expected a duration like 90s, 5m or 1h30m, of at most 24h'],
    [{}, { VAULT_HOOKS_TIMEOUT: "5 m" }, 'VAULT_HOOKS_TIMEOUT: found "5 m"'],
    [{ namespace: "Vault_1" }, {}, '--namespace: found "Vault_1", expected a Kubernetes name'],
    [{ shares: "0" }, {}, '--shares: found "0"'],
    [{ shares: "many" }, {}, '--shares: found "many"'],
    [{ shares: "3", threshold: "4" }, {}, "--threshold: found 4, expected at most --shares, which is 3"],
    [{ shares: "1" }, {}, "--threshold (default): found 3, expected at most --shares, which is 1"],
    [{}, { VAULT_HOOKS_THRESHOLD: "9" }, "VAULT_HOOKS_THRESHOLD: found 9, expected at most --shares (default), which"],
    [{ address: "http://[bad" }, {}, '--address: found "http://[bad", expected a URL like'],
    [{ address: "http://x y" }, {}, '--address: found "http://x y", expected a URL like'],
    [{ shares: "3", threshold: "1" }, {}, "--threshold: found 1 with --shares 3"],
    [{ address: "127.0.0.1:8200" }, {}, '--address: found "127.0.0.1:8200", expected a URL'],
    [{ application: "vault" }, {}, '--application: found "vault", expected NAMESPACE/NAME'],
    [{ application: "argocd/vault/x" }, {}, '--application: found "argocd/vault/x"'],
    [{ "needed-applications": "argocd/root,x" }, {}, "expected a list like NAMESPACE/NAME,NAMESPACE/NAME"],
    [{ "needed-applications": "argocd/root," }, {}, '--needed-applications: found "argocd/root,"'],
    [{ "correct-drift": "yes" }, {}, '--correct-drift: found "yes", expected true or false'],
    [{ "changes-exit-code": "3" }, {}, '--changes-exit-code: found "3", expected 0 or 10'],
    [{ output: "yaml" }, {}, '--output: found "yaml"'],
    [{ listen: "8080" }, {}, '--listen: found "8080", expected an address like :8080, 127.0.0.1:8080 or [::1]:8080'],
    [{ listen: ":65536" }, {}, '--listen: found ":65536"'],
    [{ listen: "::1:8080" }, {}, '--listen: found "::1:8080"'],
    [{ folder: "a", config: "b" }, {}, 'command line: found the folder "a" as an argument and "b" as --config'],
    [{ folder: "" }, {}, 'argument: found "", expected a path'],
    [{}, { VAULT_HOOKS_TIMEOT: "5m" }, "environment: found VAULT_HOOKS_TIMEOT, which is not a setting"],
  ])("refuses the flags %j with the environment %j", (given, env, message) => {
    const act = () => readSettings(given, false, env);

    expect(act).toThrow(ConfigError);
    expect(act).toThrow(message);
  });

  it.each([
    [":8080", { host: undefined, port: 8080 }],
    ["127.0.0.1:0", { host: "127.0.0.1", port: 0 }],
    ["[::1]:8080", { host: "::1", port: 8080 }],
    ["localhost:9", { host: "localhost", port: 9 }],
  ])("reads the address %s", (listen, expected) => {
    expect(readSettings({ listen }, false, {}).listen).toEqual(expected);
  });

  it.each([
    ["", []],
    ["argocd/root", [{ namespace: "argocd", name: "root" }]],
    [
      "argocd/root, argocd/vault-watch",
      [
        { namespace: "argocd", name: "root" },
        { namespace: "argocd", name: "vault-watch" },
      ],
    ],
  ])('reads the Applications "%s"', (applications, expected) => {
    expect(readSettings({ "needed-applications": applications }, false, {}).neededApplications).toEqual(expected);
  });

  it("requests nothing of Argo CD by default", () => {
    expect(readSettings({}, false, {})).toMatchObject({
      application: undefined,
      neededApplications: [],
      correctDrift: false,
    });
  });

  it("prefers the folder argument to the environment and the default", () => {
    const env = { VAULT_HOOKS_CONFIG: "from-env" };

    expect(readSettings({ folder: "argument" }, false, env).config).toBe("argument");
    expect(readSettings({ folder: "argument" }, false, {}).config).toBe("argument");
  });

  it("accepts an argument and a --config that name the same folder in different ways", () => {
    expect(readSettings({ folder: "hooks/config/", config: "./hooks/config" }, false, {}).config).toBe("hooks/config/");
  });

  it("accepts a timeout of at most 24 hours", () => {
    expect(readSettings({ timeout: "24h" }, false, {}).timeoutMs).toBe(86_400_000);
    expect(() => readSettings({ timeout: "24h1s" }, false, {})).toThrow(ConfigError);
  });

  it("suggests the nearest setting for a misspelt variable", () => {
    const act = () => readSettings({}, false, { VAULT_HOOKS_TIMEOT: "5m" });

    expect(act).toThrow(expect.objectContaining({ todo: "Did you mean VAULT_HOOKS_TIMEOUT?" }));
  });
});
