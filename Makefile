# Thin names over npm scripts; `make help` lists them. CLUSTER=embedded (default), kind or current chooses the cluster.
.DEFAULT_GOAL := help
.PHONY: help up down servers check test long bench

help: ## what there is
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

# The project's own Node comes with the packages, so that any Node that runs npm will do to fetch them.
node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

up: node_modules/.package-lock.json ## a cluster with Argo CD, and on it all of apps/
	npm run -s up

down: node_modules/.package-lock.json ## removes what `make up` made
	npm run -s down

servers: node_modules/.package-lock.json ## builds the test servers into the cache
	npm run -s servers

check: node_modules/.package-lock.json ## types, lint, format, dead code, secrets in Git, lockfile, manifests against their schemas
	npm run -s check

test: check ## everything a change must pass: check, then unit, integration and end-to-end tests
	npm run -s test

bench: node_modules/.package-lock.json ## start-up, memory, image size, the hooks and large configurations, each beside a reference
	npm run -s bench

long: node_modules/.package-lock.json ## ten wipes and the matrix of sizes; goes on where it was stopped
	npm run -s long

