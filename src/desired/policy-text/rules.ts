import { type Any, any } from "./decode/any.ts";
import { intact, listOf, located, mapOf, structOf } from "./decode/collection.ts";
import type { Located } from "./decode/node.ts";
import { integer, string } from "./decode/scalar.ts";

export type Strings = readonly Located<string>[];

type Identity = { group_ids: Strings; group_names: Strings; approvals: Located<bigint> };

export type Factor = {
  name: Located<string>;
  identity: Located<Partial<Identity>>;
  controlled_capabilities: Strings;
};

export type ControlGroup = { ttl: Any; factor: ReadonlyMap<string, Located<Partial<Factor>>> };

/** The keys in the block of a path, except `comment`, which Vault does not read. */
export type Rules = {
  capabilities: Located<Strings>;
  policy: Located<string>;
  allowed_parameters: ReadonlyMap<string, readonly Any[]>;
  denied_parameters: ReadonlyMap<string, readonly Any[]>;
  required_parameters: Strings;
  min_wrapping_ttl: Any;
  max_wrapping_ttl: Any;
  mfa_methods: Strings;
  // Vault alone
  control_group: Located<Partial<ControlGroup>>;
  subscribe_event_types: Strings;
  // OpenBao alone
  expiration: Located<string>;
  pagination_limit: Located<bigint>;
  list_scan_response_keys_filter_path: Located<string>;
};

const strings = listOf(string, "a list of strings");
const parameters = mapOf(listOf(any, "a list of values"), "a block of lists");

const identity = structOf<Identity>(
  { group_ids: strings, group_names: strings, approvals: integer },
  { isStrict: false },
);
const factor = structOf<Factor>(
  { name: string, identity: located(identity), controlled_capabilities: strings },
  { isStrict: false },
);
const controlGroup = structOf<ControlGroup>(
  { ttl: any, factor: mapOf(located(factor), 'a block with a name: factor "name" { ... }') },
  { isStrict: false },
);

/** @see https://developer.hashicorp.com/vault/docs/concepts/policies */
export const rules = structOf<Rules>(
  {
    capabilities: located(strings),
    policy: string,
    allowed_parameters: parameters,
    denied_parameters: parameters,
    required_parameters: strings,
    min_wrapping_ttl: any,
    max_wrapping_ttl: any,
    mfa_methods: strings,
    control_group: intact(located(controlGroup)),
    subscribe_event_types: strings,
    expiration: string,
    pagination_limit: integer,
    list_scan_response_keys_filter_path: string,
  },
  { known: ["comment"], isStrict: true },
);
