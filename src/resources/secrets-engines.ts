import { awsSecrets } from "./aws-secrets.ts";
import { azureSecrets } from "./azure-secrets.ts";
import { consulSecrets } from "./consul-secrets.ts";
import { database } from "./database.ts";
import { type Engine, pluginEngine } from "./engine.ts";
import { gcpSecrets } from "./gcp-secrets.ts";
import { kubernetesSecrets } from "./kubernetes-secrets.ts";
import { kv } from "./kv.ts";
import { nomadSecrets } from "./nomad-secrets.ts";
import { otherSecrets } from "./other-secrets.ts";
import { pki } from "./pki.ts";
import { rabbitmqSecrets } from "./rabbitmq-secrets.ts";
import { ssh } from "./ssh.ts";
import { totp } from "./totp.ts";
import { transit } from "./transit.ts";

/** Types of secrets engines. A new one is a file and a word here. */
export const secretsEngines: readonly Engine[] = [
  awsSecrets,
  azureSecrets,
  consulSecrets,
  database,
  gcpSecrets,
  kubernetesSecrets,
  kv,
  nomadSecrets,
  pki,
  rabbitmqSecrets,
  ssh,
  totp,
  transit,
  ...otherSecrets,
  pluginEngine("secrets"),
];
