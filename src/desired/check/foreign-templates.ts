import type { Origin } from "../../kinds/model/kind.ts";
import { originsIn } from "../origin.ts";
import { type Path, type Problem, problem } from "../problem.ts";
import type { Tree } from "../yaml/tree.ts";

type Template = { readonly of: string; readonly pattern: RegExp };

/** Forms that mean nothing but a template, in any text. */
const inAnyText: readonly Template[] = [
  { of: "Bank-Vaults (env, file, accessor)", pattern: /\$\{\s*(env|file|accessor|blob|[a-z]+kms|decrypt)\s*[(`"']/ },
  { of: "the webhook of Bank-Vaults (vault:PATH#KEY)", pattern: /^>{0,2}vault:[\w./-]+#\S+$/ },
  { of: "Terraform (var, local, data)", pattern: /\$\{\s*(var|local|data|module|each|path|terraform)\.[^}]*\}/ },
  {
    of: "Helm ({{ .Values... }})",
    pattern: /\{\{-?\s*(\.(Values|Release|Chart|Capabilities)\b|(include|required|tpl|lookup)\s)/,
  },
  {
    of: "a template engine ({{ env ... }})",
    pattern: /\{\{-?\s*(env|getenv|requiredEnv|readFile|datasource|ds|key|with secret)\s+["(`]/,
  },
  { of: "the Argo CD Vault Plugin (<path:...#...>)", pattern: /<path:[^>]+>/ },
  { of: "SOPS (encrypted)", pattern: /\bENC\[AES256_GCM,/ },
  { of: "Ansible Vault (encrypted)", pattern: /^\$ANSIBLE_VAULT;/ },
  { of: "vals (ref+...://)", pattern: /^ref\+[a-z0-9]+:\/\// },
  { of: "1Password (op://...)", pattern: /^op:\/\/\S+\/\S+/ },
];

/** Forms that a longer text, such as a file in a KV value, may hold on purpose. */
const inOneLine: readonly Template[] = [
  { of: "Kustomize or Kubernetes ($(NAME))", pattern: /^\$\([A-Za-z_]\w*\)$/ },
  { of: "Flux, a shell or a build (a variable in braces)", pattern: /\$\{[A-Za-z_]\w*(:?[-=+?][^}]*)?\}/ },
  { of: "a shell ($NAME)", pattern: /^\$[A-Z_][A-Z0-9_]*$/ },
  { of: "another program (<NAME>)", pattern: /^<[A-Za-z][\w.-]*>$/ },
];

const expected = "the value itself: this text would be written to Vault as it is";

/**
 * Finds templates of other programs, which vault-hooks does not fill in. Does not show the value, which may be a secret.
 *
 * @param tree the whole configuration
 * @returns warnings, each at the line of its template
 */
export function findForeignTemplates(tree: Tree): Problem[] {
  const warnings: Problem[] = [];
  // an anchor's value occurs again at each of its aliases
  const visited = new Set<Tree>();
  function visit(value: Tree, path: Path): void {
    if (visited.has(value)) return;
    visited.add(value);
    if (value.is === "list") for (const [i, item] of value.items.entries()) visit(item, [...path, String(i)]);
    if (value.is === "map") {
      for (const [key, entry] of value.entries) {
        note(key, () => entry.at, [...path, key]);
        visit(entry.value, [...path, key]);
      }
    }
    if (value.is !== "scalar" || typeof value.value !== "string") return;
    const { at, begins, value: text } = value;
    note(text, (offset) => (begins === undefined ? at : within(begins, text, offset)), path);
  }
  function note(text: string, originOf: (offset: number) => Origin, path: Path): void {
    const found = templateIn(text);
    if (found !== undefined) warnings.push(problem(originOf(found.offset), path, found.words, expected));
  }
  visit(tree, []);
  return warnings;
}

/** As `findForeignTemplates`, for the text of a policy's file. */
export function findForeignTemplateIn(file: string, text: string, path: Path): Problem[] {
  const found = templateIn(text);
  return found === undefined ? [] : [problem(originsIn(file, text)(found.offset), path, found.words, expected)];
}

function templateIn(text: string): { readonly words: string; readonly offset: number } | undefined {
  if (!/[$<{[:]/.test(text)) return undefined;
  const isOneLine = !text.trim().includes("\n");
  for (const { of, pattern } of isOneLine ? [...inAnyText, ...inOneLine] : inAnyText) {
    const match = pattern.exec(isOneLine ? text.trim() : text);
    if (match !== null) return { words: `a template of ${of}`, offset: match.index };
  }
  return undefined;
}

/** The position of an offset in a literal block, whose lines stand in the file as they are. */
function within(begins: Origin, text: string, offset: number): Origin {
  const { line, column } = originsIn(begins.file, text)(offset);
  return { file: begins.file, line: begins.line + line - 1, column: begins.column + column - 1 };
}
