# The bases are arguments: the image can be built from a private registry, or from bases made on this machine
# (test/image/bases.ts). Renovate keeps the digests up to date (renovate.json).
ARG BUILD_BASE=docker.io/library/node:24.21.0-bookworm-slim@sha256:2fe369e969550cde8e867afc3fe370b260140cab4a23d467074295b42163d553
ARG FINAL_BASE=gcr.io/distroless/static-debian12:nonroot@sha256:b7bb25d9f7c31d2bdd1982feb4dafcaf137703c7075dbe2febb41c24212b946f
# Node and the C and C++ libraries of the target platform come from here. Nothing runs in it.
ARG NODE_BASE=${BUILD_BASE}

FROM ${NODE_BASE} AS node
# buildah removes the image of each stage. Without a step of its own, this stage's image would be the base.
WORKDIR /node

# Always runs on the build machine's platform, so that an image for another platform needs no emulation.
FROM --platform=${BUILDPLATFORM} ${BUILD_BASE} AS build
ARG TARGETARCH
RUN command -v strip >/dev/null \
 || { apt-get update && apt-get install -y --no-install-recommends binutils-multiarch && rm -rf /var/lib/apt/lists/*; }

# Node without its symbols (4 MB compressed), and only the libraries that it links.
RUN --mount=type=bind,from=node,source=/,target=/node \
    set -eu; \
    case "$TARGETARCH" in \
      amd64) libs=usr/lib/x86_64-linux-gnu loader=lib64/ld-linux-x86-64.so.2 ;; \
      arm64) libs=usr/lib/aarch64-linux-gnu loader=lib/ld-linux-aarch64.so.1 ;; \
      *) echo "unsupported architecture: $TARGETARCH" >&2; exit 1 ;; \
    esac; \
    mkdir -p "/rootfs/$libs" "/rootfs/${loader%/*}" /rootfs/usr/local/bin; \
    strip -o /rootfs/usr/local/bin/node /node/usr/local/bin/node; \
    cp -L "/node/$libs/${loader##*/}" "/rootfs/$loader"; \
    for name in $(readelf -d /node/usr/local/bin/node | sed -n 's/.*(NEEDED).*\[\(lib.*\)\]/\1/p'); do \
      cp -L "/node/$libs/$name" "/rootfs/$libs/"; \
    done

WORKDIR /build
COPY package.json package-lock.json ./
# A private npm registry: docker build --secret id=npmrc,src=$HOME/.npmrc
RUN --mount=type=secret,id=npmrc,target=/root/.npmrc npm ci --ignore-scripts --no-audit --no-fund
COPY tsconfig.json esbuild.config.ts LICENSE ./
COPY src src
RUN /usr/local/bin/node esbuild.config.ts src/cli.ts /app && cp LICENSE /app/ && chmod -R a+rX,go-w /app

# Without the platform here, buildah would keep that of the build stage.
FROM --platform=${TARGETPLATFORM} ${FINAL_BASE}
ARG VERSION=0.1.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="vault-hooks" \
      org.opencontainers.image.description="Argo CD hook Jobs that initialise, unseal, join and configure HashiCorp Vault" \
      org.opencontainers.image.url="https://github.com/vault-hooks/vault-hooks" \
      org.opencontainers.image.source="https://github.com/vault-hooks/vault-hooks" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
COPY --from=build /rootfs/ /
COPY --from=build /app/ /app/
ENV NODE_ENV=production
USER 65532:65532
WORKDIR /
ENTRYPOINT ["/usr/local/bin/node", "/app/vault-hooks.cjs"]
CMD ["--help"]
