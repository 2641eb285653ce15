import { type Engine, pluginEngine } from "../mount/engine.ts";
import { awsSecrets } from "./aws.ts";
import { azureSecrets } from "./azure.ts";
import { consulSecrets } from "./consul.ts";
import { database } from "./database/database.ts";
import { gcpSecrets } from "./gcp.ts";
import { kubernetesSecrets } from "./kubernetes.ts";
import { kv } from "./kv/kv.ts";
import { otherSecrets } from "./mounts-only.ts";
import { nomadSecrets } from "./nomad.ts";
import { pki } from "./pki/pki.ts";
import { rabbitmqSecrets } from "./rabbitmq.ts";
import { ssh } from "./ssh.ts";
import { totp } from "./totp.ts";
import { transit } from "./transit.ts";

/** All secrets engines. To add one, write its file and list it here. */
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
