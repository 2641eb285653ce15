// biome-ignore-all lint/suspicious/noTemplateCurlyInString: these are templates of other programs
import { readdir, readFile } from "node:fs/promises";
import { join } from "node:path";
import { expect, it } from "vitest";
import { projectDir } from "../../../cluster/paths.ts";
import { desiredOf } from "../desired.ts";

/** The warnings of a configuration in one file, `a.yaml`, or in several. */
function warningsOf(files: string | Readonly<Record<string, string>>): string[] {
  return desiredOf(typeof files === "string" ? { "a.yaml": files } : files).warnings.map(({ text }) => text);
}

const bindpass = (value: string) =>
  `auth: { l: { type: ldap, config: { url: "ldaps://l.example", bindpass: ${JSON.stringify(value)} } } }`;

it.each([
  ['${env "LDAP_PASSWORD"}', "Bank-Vaults"],
  ["${ env `LDAP_PASSWORD` }", "Bank-Vaults"],
  ['${file "/run/secrets/pass"}', "Bank-Vaults"],
  ["vault:secret/data/ldap#pass", "the webhook of Bank-Vaults"],
  [">>vault:secret/data/ldap#pass", "the webhook of Bank-Vaults"],
  ["${var.ldap_password}", "Terraform"],
  ["${data.aws_secret.ldap.value}", "Terraform"],
  ["{{ .Values.ldap.password }}", "Helm"],
  ["{{- .Release.Name }}-pass", "Helm"],
  ['{{ required "a password" .Values.pass }}', "Helm"],
  ['{{ env "LDAP_PASSWORD" }}', "a template engine"],
  ["<path:secret/data/ldap#pass>", "the Argo CD Vault Plugin"],
  ["<ldap-password>", "another program"],
  ["ENC[AES256_GCM,data:planted,iv:planted,tag:planted,type:str]", "SOPS"],
  ["$ANSIBLE_VAULT;1.1;AES256\nplanted", "Ansible Vault"],
  ["ref+awssecrets://planted/pass", "vals"],
  ["op://planted/ldap/pass", "1Password"],
  ["$(LDAP_PASSWORD)", "Kustomize or Kubernetes"],
  ["${LDAP_PASSWORD}", "Flux, a shell or a build"],
  ["prefix-${LDAP_PASSWORD:=planted}", "Flux, a shell or a build"],
  ["$LDAP_PASSWORD", "a shell"],
])("a template of a neighbour is warned of, without its text: %s", (value, neighbour) => {
  const [warning, ...others] = warningsOf(bindpass(value));

  expect(others).toEqual([]);
  expect(warning).toContain(`a.yaml:1:72: auth.l.config.bindpass: found a template of ${neighbour}`);
  expect(warning).toContain("expected the value itself: this text would be written to Vault as it is");
  expect(warning).not.toMatch(/planted|LDAP|secret\/data/);
});

it("a template is warned of at its own line in a block, in a list, in a name, in a policy's file, and once for an anchor", () => {
  const warnings = warningsOf({
    "a.yaml": `policies:
  inline:
    hcl: |
      # first
      path "\${var.team}/*" { capabilities = ["read"] }
  file: { file: b.hcl }
auth:
  a: &role { type: approle, roles: { r: { token_policies: [default, "\${TEAM}-dev"] } } }
  b: *role
  "\${CLUSTER}": { type: userpass }
`,
    "b.hcl": '# first\npath "{{ .Values.team }}/*" { capabilities = ["read"] }\n',
  });

  expect(warnings.map((each) => each.split(": found ")[0])).toEqual([
    "a.yaml:5:13: policies.inline.hcl",
    "a.yaml:8:69: auth.a.roles.r.token_policies.1",
    'a.yaml:10:3: auth."${CLUSTER}"',
    "b.hcl:2:7: policies.file",
  ]);
});

it("Vault's own templates, passwords and files in KV values cause no warning", async () => {
  const examples = (await readdir(join(projectDir, "docs/examples"))).filter((name) => name.endsWith(".yaml"));
  for (const name of examples) {
    const text = await readFile(join(projectDir, "docs/examples", name), "utf8");
    expect(warningsOf({ [name]: text }).filter((each) => each.includes("template"))).toEqual([]);
  }
  const values = [
    "pa$$word",
    "$2b$10$abcdefghijklmnopqrstuv",
    "a${",
    "{{username}}:{{password}}@tcp(db:3306)/",
    "v-{{.DisplayName | truncate 8}}-{{random 20}}",
    "{{identity.entity.aliases.auth_jwt_1.name}}",
    "<a@example.org>",
    "logback:\n  path: ${LOG_PATH}\n  cron: $(date)\n",
    'CREATE ROLE "{{name}}"; DO $$ BEGIN NULL; END $$;',
  ];
  expect(warningsOf(JSON.stringify({ secrets: { kv: { type: "kv", values: { a: { ...values } } } } }))).toEqual([]);
});
