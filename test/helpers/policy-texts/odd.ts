/** Policies for the reasons that the grammar hardly ever meets. */
export const odd: readonly string[] = [
  'path "a" { capabilities = ["list"]\n list_scan_response_keys_filter_path = "{{ .key | nothing }}" }',
  'path "a" { capabilities = ["list"]\n list_scan_response_keys_filter_path = "{{ if .key }}x{{ end }}" }',
  'path "a" { capabilities = ["read"]\n comment = }',
  `path "a" { comment = ${"[".repeat(120)}${"]".repeat(120)} }`,
];
