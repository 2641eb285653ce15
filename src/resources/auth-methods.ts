import { approle } from "./approle.ts";
import { awsAuth } from "./aws-auth.ts";
import { azureAuth } from "./azure-auth.ts";
import { cert } from "./cert.ts";
import { type Engine, pluginEngine } from "./engine.ts";
import { gcpAuth } from "./gcp-auth.ts";
import { githubAuth } from "./github-auth.ts";
import { jwt, oidc } from "./jwt.ts";
import { kubernetesAuth } from "./kubernetes-auth.ts";
import { ldap } from "./ldap.ts";
import { tokenAuth } from "./token-auth.ts";
import { userpass } from "./userpass.ts";

/** Types of auth methods. A new one is a file and a word here. */
export const authMethods: readonly Engine[] = [
  ...[kubernetesAuth, approle, jwt, oidc, userpass, ldap, cert, tokenAuth],
  ...[githubAuth, awsAuth, gcpAuth, azureAuth, pluginEngine("auth")],
];
