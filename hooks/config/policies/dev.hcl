# Read only: neither the application nor its operator writes.
path "kvv2/data/webapp/*" {
  capabilities = ["read"]
}

path "kvv2/metadata/webapp/*" {
  capabilities = ["read"]
}
