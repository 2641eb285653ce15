const read = 'capabilities = ["read"]';
const path = (rules: string) => `path "a" {\n ${read}\n ${rules}\n}`;
const json = (rules: string) => `{"path": {"a": {"capabilities": ["read"], ${rules}}}}`;

/** Policies that Vault accepts, and what a warning finds in them. */
export const warned: [title: string, text: string, found: string][] = [
  ["a star in the middle", `path "a/*/b" { ${read} }`, 'path "a/*/b"'],
  ["a star at the start", `path "*/x" { ${read} }`, 'path "*/x"'],
  ["two stars", `path "a/**" { ${read} }`, 'path "a/**"'],
  ["a double slash in a path", `path "a//b" { ${read} }`, 'path "a//b"'],
  ["a segment . in a path", `path "a/./b" { ${read} }`, 'path "a/./b"'],
  ["a segment .. in a path", `path "a/.." { ${read} }`, 'path "a/.."'],
  ["a path without capabilities", 'path "a" { }', 'path "a" without capabilities'],
  ["a path with a comment alone", 'path "a" { comment = "b" }', 'path "a" without capabilities'],
  ["an empty older form", 'path "a" { policy = "" }', 'path "a" without capabilities'],
  ["an unknown capability after deny", 'path "a" { capabilities = ["deny", "bogus"] }', "deny together with bogus"],
  [
    "a capability beside the older form deny",
    'path "a" { policy = "deny"\n capabilities = ["bogus"] }',
    "deny together with bogus",
  ],
  ["a bad duration in a denied path", 'path "a" { policy = "deny"\n max_wrapping_ttl = "soon" }', '"soon"'],
  ["a control group without factors in a denied path", 'path "a" { policy = "deny"\n control_group {} }', "no factor"],
  ["a block without a path", `path { ${read} }`, "a block without a path"],
  ["a second path in one block", `path "a" "b" { ${read} }`, '"b"'],
  ["the same path twice", `path "a" { ${read} }\npath "/a" { ${read} }`, 'a duplicate path "a"'],
  ["blanks alone", " \n", "an empty policy"],
  ["a policy in base64", Buffer.from(path("")).toString("base64"), "a policy in base64"],
  ["a key without a value at the end", `path "a" { ${read} }\ncomment =`, "comment = at the end"],
  [
    "an unknown key in a control group",
    path('control_group { foo = 1\n factor "f" { identity { group_ids = [1]\n approvals = "1" } } }'),
    "the unknown key foo",
  ],
  ["text after JSON", `${json('"comment": null')} path`, "more after the end"],
  ["JSON that does not end", '{"path": {"a": {"policy": "read"', "the end"],
  ["JSON with a bracket for a brace", '{"path": {"a": {"policy": "read"]}}', "]"],
  ["JSON whose list does not end", '{"path": {"a": {"policy": "read", "comment": ["x"}}}', "}"],
  ["a boolean in a list of JSON", json('"required_parameters": [true]'), "true in a list"],
  ["a list in a list of JSON", json('"required_parameters": [["b"]'), "[ in a list"],
  ["a duplicate key in JSON", json('"capabilities": ["list"]'), 'a duplicate "capabilities"'],
  ["a path that has expired", path('expiration = "2001-01-01T00:00:00Z"\n max_wrapping_ttl = "soon"'), "2001"],
  ["a path of JSON without a name", '{"path": {}}', "a block without a path"],
  ["a path twice in JSON", '{"path": [{"a": {"policy": "read"}}, {"a": {"policy": "write"}}]}', "a duplicate path"],
  [
    "limits of a denied path",
    'path "a" { policy = "deny"\n min_wrapping_ttl = 120\n max_wrapping_ttl = 60 }',
    "max_wrapping_ttl below",
  ],
];
