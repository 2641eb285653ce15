import { readFile, writeFile } from "node:fs/promises";
import { join } from "node:path";
import { run } from "../cluster/run.ts";

const newKey = ["-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256", "-nodes"];

/** Creates a certificate authority, `ca.crt` and `ca.key` in `dir`. @returns its certificate in PEM */
export async function makeCa(dir: string): Promise<string> {
  await openssl(dir, [
    "req",
    "-x509",
    ...newKey,
    "-keyout",
    "ca.key",
    "-out",
    "ca.crt",
    "-days",
    "30",
    "-subj",
    "/CN=test",
  ]);
  return await readFile(join(dir, "ca.crt"), "utf8");
}

/**
 * Creates `name.crt` and `name.key` in `dir`, signed by the CA there.
 *
 * @param subject for example `/O=system:masters/CN=admin`
 * @param names a server's subject alternative names: `DNS:localhost,IP:127.0.0.1`
 */
export async function makeCertificate(dir: string, name: string, subject: string, names?: string): Promise<void> {
  const request = [...newKey, "-keyout", `${name}.key`, "-out", `${name}.csr`, "-subj", subject];
  await openssl(dir, ["req", ...request]);
  await writeFile(join(dir, `${name}.ext`), names === undefined ? "" : `subjectAltName=${names}\n`);
  const issue = ["-CA", "ca.crt", "-CAkey", "ca.key", "-CAcreateserial", "-days", "30", "-extfile", `${name}.ext`];
  await openssl(dir, ["x509", "-req", "-in", `${name}.csr`, ...issue, "-out", `${name}.crt`]);
}

/** Creates the key pair that signs ServiceAccount tokens, `sa.key` and `sa.pub`. */
export async function makeTokenKey(dir: string): Promise<void> {
  await openssl(dir, ["genrsa", "-out", "sa.key", "2048"]);
  await openssl(dir, ["rsa", "-in", "sa.key", "-pubout", "-out", "sa.pub"]);
}

async function openssl(cwd: string, args: readonly string[]): Promise<void> {
  await run("openssl", args, { cwd });
}
