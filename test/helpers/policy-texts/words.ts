import type { Random } from "./random.ts";

export const capabilities = ["create", "read", "update", "patch", "delete", "list", "sudo", "deny"];
/** Known to one server alone, unknown, or misspelt. */
export const oddCapabilities = ["subscribe", "recover", "scan", "raed", "root", "", "READ", "read "];
export const olderForms = ["read", "write", "sudo", "deny"];
export const oddForms = ["", "create", "none", "Read"];

export const durations = ["90s", "24h", "1h30m", "5", "0", "1d", "1.5h", "250ms"];
export const oddDurations = [
  ...[
    "",
    "500us",
    "3ns",
    "2µs",
    "+5s",
    "-5s",
    "-10",
    ".5s",
    "5.s",
    "+1d",
    "-1d",
    "1d12h",
    "12h1d",
    "d",
    "s",
    "5 m",
    "soon",
  ],
  ...[
    "1.5d",
    "0x10",
    "1e2",
    "1_000",
    "--5",
    "+-5s",
    "5S",
    "1h-30m",
    "9223372036",
    "9223372037",
    "106751d",
    "106752d",
    "2562048h",
  ],
];

export const paths = [
  "kv/data/*",
  "a",
  "a/b",
  "/a/b",
  "sys/mounts",
  "+/a",
  "a/+/b",
  "a/+",
  "+",
  "*",
  "",
  "a b",
  "ключ/ä",
];
export const oddPaths = [
  ...["a/*/b", "s3-*/*", "*/x", "a/**", "a/+*", "+*", "/+*", "a+*b", "a*"],
  ...["{{identity.entity.id}}/a", "a/{{x}}/{{y}}", "a/{{b", "a/b}}", "{{a}}}}", "{{{b}}}", "{{}}", "a/{b}", "{{a}}/{{"],
  ...[`\${a}`, `a/\${f}`, "$", "$$", "{a}", "#", "//", "/*"],
];

/** Escapes of Go. */
export const escapes = [
  ...["\\n", "\\t", '\\"', "\\\\", "\\a", "\\v", "\\x41", "\\101", "\\u00e4", "\\U0001F600", "\\377", "\\xff"],
];
/** Escapes that are none, or that Vault cannot unquote. */
export const oddEscapes = [
  ...["\\777", "\\400", "\\ud83d\\ude00", "\\udead", "\\U00110000", "\\UFFFFFFFF", "\\U80000000"],
  ...["\\/", "\\q", "\\'", "\\8", "\\18", "\\x4", "\\u12", "\\U0001F60", "\\N", "\\$", "\\ "],
];

export const integers = ["0", "5", "-5", "60", "120", "1000"];
export const oddNumbers = [
  ...["0x10", "0XfF", "-0x1", "0x", "010", "08", "018", "09", "089", "0159.23", "00", "007", "-0"],
  ...[
    "1.5",
    "-1.5",
    ".5",
    "-.5",
    "1.",
    "1e5",
    "1E+5",
    "1e-5",
    "1e",
    "1e+",
    "1.5e3",
    "1.e3",
    ".5e3",
    "0e5",
    "1e999",
    "+5",
  ],
  ...[
    "9223372036854775807",
    "9223372036854775808",
    "-9223372036854775808",
    "99999999999",
    "1_000",
    "0b1",
    "0o7",
    "1e5x",
  ],
];

export const times = [
  "2199-01-01T00:00:00Z",
  "2001-01-01T00:00:00Z",
  "1",
  "9999999999",
  "soon",
  "",
  "2199-13-01T00:00:00Z",
];
export const keyFilters = ["{{ .key }}", "x/{{ .path }}{{ .key }}", "x", "", "{{ .key", "{{ .path }}"];

export const ruleKeys = [
  ...["capabilities", "policy", "comment", "allowed_parameters", "denied_parameters", "required_parameters"],
  ...["min_wrapping_ttl", "max_wrapping_ttl", "mfa_methods"],
];
/** Known to one server alone. */
export const serverKeys = [
  ...["control_group", "control_group", "subscribe_event_types"],
  ...["expiration", "pagination_limit", "list_scan_response_keys_filter_path"],
];
export const oddKeys = [
  "response_keys_filter_path",
  "capabilites",
  "Capabilities",
  "POLICY",
  "ttl",
  "ключ",
  "name",
  "path",
];

/** Mostly one of the first, sometimes one of the others. */
export function usually<T>(random: Random, likely: readonly T[], others: readonly T[], odds = 0.15): T {
  return random.pick(random.chance(odds) ? others : likely);
}

export function repeat<T>(random: Random, most: number, make: () => T): T[] {
  return Array.from({ length: random.below(most + 1) }, make);
}
