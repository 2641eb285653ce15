# All that the operator's client cache needs: encrypt and decrypt with its one key.
path "demo-transit/encrypt/vso-client-cache" {
  capabilities = ["create", "update"]
}

path "demo-transit/decrypt/vso-client-cache" {
  capabilities = ["create", "update"]
}
