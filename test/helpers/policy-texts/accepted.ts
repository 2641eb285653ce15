const read = 'capabilities = ["read"]';
const path = (rules: string) => `path "a" {\n ${read}\n ${rules}\n}`;
const json = (rules: string) => `{"path": {"a": {"capabilities": ["read"], ${rules}}}}`;

const comments = ["5", "1e5", ".5", "-0x1F", "007", "true", '["x"]', "[[1] {}]", "{}", "{ a = 1 }", '"\\777"', "08"];
const durations = [
  '"500us"',
  '"3ns"',
  '"+5s"',
  '"-5s"',
  '".5s"',
  '""',
  '"1d"',
  "0x10",
  "1e2",
  "-5",
  "1.5",
  '"1_000"'.replace("_", ""),
];

/** Policies that Vault accepts, and that give no warning. */
export const accepted: [title: string, text: string][] = [
  ["blocks", `path "kv/*" {\n  capabilities = ["read", "list"]\n}\npath "a/+/b" { capabilities = ["deny"] }`],
  ["comments of all kinds", `# one\n// two\n/* three\n */\npath "a" { ${read} # four\n}`],
  ["a trailing comma", 'path "a" { capabilities = ["read",] }'],
  ["commas without items between", 'path "a" { capabilities = [,"read",,"list"] }'],
  ["the older form", 'path "a" { policy = "write" }'],
  ["parameters", path('allowed_parameters = { "b" = ["c"], "*" = [] }\n required_parameters = ["b"]')],
  ["a block for parameters", path('denied_parameters { "b" = [] }')],
  ["two blocks for parameters", path('allowed_parameters { "b" = [] }\n allowed_parameters { "c" = [] }')],
  ["limits of wrapping", path('min_wrapping_ttl = "1s"\n max_wrapping_ttl = 90')],
  ["a here-document", path('comment = <<EOT\nanything "at all\nEOT')],
  [
    "a here-document whose word has a digit or an accent",
    path("comment = <<1A\nx\n1A\n mfa_methods = [<<ÉOT\nx\nÉOT\n]"),
  ],
  ["JSON", '{"path": {"a": {"capabilities": ["read"]}, "b": {"policy": "read"}}}'],
  ["JSON with a list of paths", '{"path": [{"a": {"capabilities": ["read"]}}]}'],
  ["JSON with a list of parameters", json('"allowed_parameters": [{"b": []}, {"c": []}]')],
  ["a path with a space and quotes", `path "a \\"b\\" c" { ${read} }`],
  ["a path of words", `path ключ { ${read} }`],
  ["quotes within an interpolation", `path "a/\${f("x")}" { ${read} }`],
  ["only a comment", "# nothing yet"],
  ["a tab in a string", path('comment = "one\ttwo"')],
  ["a carriage return in a string", path('comment = "one\rtwo"')],
  [
    "an indented here-document with Windows line ends",
    `path "a" {\r\n ${read}\r\n comment = <<-EOT\r\n  x\r\n  EOT\r\n}\r\n`,
  ],
  [
    "a control group",
    path('control_group = { ttl = "4h"\n factor "ops" { identity { group_names = ["ops"]\n approvals = 1 } } }'),
  ],
  ["templates", `path "a/{{identity.entity.id}}/{{{b}}}/{c}" { ${read} }`],
  ["no maximum", path("min_wrapping_ttl = 120\n max_wrapping_ttl = 0")],
  ["equal limits", path('min_wrapping_ttl = "1m"\n max_wrapping_ttl = 60')],
  ["limits of a denied path", 'path "a" { policy = "deny"\n min_wrapping_ttl = "1m" }'],
  ["a block as a parameter's values", path('denied_parameters { "b" { c = "d" } }')],
  [
    "Go's escapes",
    path('comment = "\\x41\\u00e4\\U0001F600\\101\\a\\v"\n required_parameters = ["\\x41\\ud83d\\101"]'),
  ],
  [
    "JSON with escapes and trailing commas",
    json('"capabilities": ["list",], "comment": "\\u00e4\\n",').replace('"capabilities": ["read"], ', ""),
  ],
  ["JSON with numbers and null", json('"comment": 1e2, "max_wrapping_ttl": null, "min_wrapping_ttl": 5')],
  ["a number in place of a string", path("required_parameters = [5]")],
  ["an empty block in place of a list", path("mfa_methods = {}")],
  ["a list in a block of parameters", path('allowed_parameters = { "b" = [[1] {}, 1.5, true] }')],
  [
    "a control group of OpenBao beside a key of OpenBao",
    path(
      'pagination_limit = 5\n control_group { ttl = "4h"\n factor "f" { controlled_capabilities = ["read"]\n ' +
        'identity { group_names = ["ops"]\n approvals = 1 } } }',
    ),
  ],
  ["keys of OpenBao", path('pagination_limit = "0x10"\n expiration = "2199-01-01T00:00:00Z"')],
  ...comments.map((comment): [string, string] => [
    `the comment ${comment}, which Vault does not read`,
    path(`comment = ${comment}`),
  ]),
  ...durations.map((duration): [string, string] => [
    `the duration ${duration}`,
    path(`min_wrapping_ttl = ${duration}`),
  ]),
];
