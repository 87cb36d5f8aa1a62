# Tidemark: one image for every command. It brings its own Node, so what runs here is what the tests ran on.
#
#   docker build -t tidemark:local .
#
# Both bases are pinned by tag; a digest may be given in their place, and is what a release should build from:
#   docker build --build-arg BASE_IMAGE=debian:12.12-slim@sha256:... .
ARG BUILD_IMAGE=node:24.21.0-bookworm-slim
ARG BASE_IMAGE=debian:12.12-slim

FROM ${BUILD_IMAGE} AS build
WORKDIR /app
COPY package.json package-lock.json ./
# Headers and manuals of Node are half of its package, and nothing reads them.
RUN npm ci --omit=dev --ignore-scripts --no-audit --no-fund \
 && npm sbom --omit=dev --package-lock-only --sbom-format=cyclonedx > sbom.cdx.json \
 && rm -rf node_modules/node-linux-*/include node_modules/node-linux-*/share node_modules/node-linux-*/*.md \
 && mkdir -p data provisioning

FROM ${BASE_IMAGE}
ARG VERSION=0.0.0
ARG REVISION=unknown
LABEL org.opencontainers.image.title="Tidemark" \
      org.opencontainers.image.description="Watches every Kafka consumer group, judges it over a sliding window, and keeps the history" \
      org.opencontainers.image.licenses="Apache-2.0" \
      org.opencontainers.image.version="${VERSION}" \
      org.opencontainers.image.revision="${REVISION}"
WORKDIR /app
COPY --from=build /app/node_modules ./node_modules
COPY --from=build /app/sbom.cdx.json /app/package.json ./
# The folders that volumes are put upon; a new volume takes the owner of what is here.
COPY --from=build --chown=10001:10001 /app/data /var/lib/tidemark
COPY --from=build --chown=10001:10001 /app/provisioning /var/lib/grafana-provisioning
COPY LICENSE tidemark ./
COPY runtime ./runtime
COPY collector ./collector
COPY shipper ./shipper
COPY simulator ./simulator
COPY web ./web
COPY cli ./cli
COPY deploy ./deploy
ENV PATH=/app/node_modules/.bin:/usr/local/bin:/usr/bin:/bin \
    NODE_ENV=production \
    NODE_COMPILE_CACHE=/tmp/compile
USER 10001:10001
EXPOSE 8000 8001
# Alive: it answers. Whether it is ready is asked by those who wait for it (docker-compose.yml).
HEALTHCHECK --interval=10s --timeout=5s --start-period=30s --retries=3 \
  CMD ["node", "deploy/healthcheck.ts", "http://127.0.0.1:8000/healthz"]
ENTRYPOINT ["/app/tidemark"]
CMD ["--help"]
