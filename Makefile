# Short names for npm scripts; `make help` lists them. CLUSTER=embedded (default), kind or current chooses the cluster.
.DEFAULT_GOAL := help
.PHONY: help up down servers check test long bench

help: ## list the targets
	@sed -n 's/^\([a-z]*\):.*## /  make \1\t/p' $(MAKEFILE_LIST) | expand -t 18

# Node comes with the packages, so any Node that runs npm can install them.
node_modules/.package-lock.json: package-lock.json
	npm ci --no-audit --no-fund --loglevel=error
	@touch $@

up: node_modules/.package-lock.json ## start a cluster with Argo CD, and deploy apps/ on it
	npm run -s up

down: node_modules/.package-lock.json ## remove what `make up` made, except the cache of built servers
	npm run -s down

servers: node_modules/.package-lock.json ## build the test servers into the cache
	npm run -s servers

check: node_modules/.package-lock.json ## check types, lint, format, dead code, secrets in Git, lockfile, and manifests against their schemas
	npm run -s check

test: check ## run check, then unit, integration and end-to-end tests
	npm run -s test

bench: node_modules/.package-lock.json ## measure start-up, memory, image size, hooks and large configurations, each beside a reference
	npm run -s bench

long: node_modules/.package-lock.json ## run ten wipes, the matrix of sizes, the watcher, kind, and the oldest Argo CD; continues where an earlier run stopped
	npm run -s long

