# The operator's client cache needs to encrypt and decrypt with its one key, and nothing else.
path "demo-transit/encrypt/vso-client-cache" {
  capabilities = ["create", "update"]
}

path "demo-transit/decrypt/vso-client-cache" {
  capabilities = ["create", "update"]
}
