import { type Engine, pluginEngine } from "../mount/engine.ts";
import { approle } from "./approle.ts";
import { awsAuth } from "./aws.ts";
import { azureAuth } from "./azure.ts";
import { cert } from "./cert.ts";
import { gcpAuth } from "./gcp.ts";
import { githubAuth } from "./github.ts";
import { jwt, oidc } from "./jwt.ts";
import { kubernetesAuth } from "./kubernetes.ts";
import { ldap } from "./ldap.ts";
import { tokenAuth } from "./token.ts";
import { userpass } from "./userpass.ts";

/** All auth methods. To add one, write its file and list it here. */
export const authMethods: readonly Engine[] = [
  ...[kubernetesAuth, approle, jwt, oidc, userpass, ldap, cert, tokenAuth],
  ...[githubAuth, awsAuth, gcpAuth, azureAuth, pluginEngine("auth")],
];
