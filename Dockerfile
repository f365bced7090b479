# Two images, which need this repository and the npm registry, nothing else:
#   docker build .                        the operator's
#   docker build --target downloader .    the one that measures and downloads weights
# The permissions in the operator's ENTRYPOINT are those of lib/process/permissions.ts; a test holds them together.

FROM node:24-bookworm-slim AS build
RUN npm install --prefix /npm --no-save --ignore-scripts deno@2.9.6 \
 && cp /npm/node_modules/@deno/linux-*-glibc/deno /usr/local/bin/deno
ENV DENO_DIR=/deno-dir
WORKDIR /app
COPY deno.json deno.lock mod.ts ./
COPY lib lib
COPY controllers controllers
RUN deno cache --frozen mod.ts lib/download/main.ts
# The operator in few files, which take a fifth less memory than 300. They are run once, so that what Deno and V8 make of
# them is in the cache; V8 takes compiled code only from a run with the same flags.
RUN deno task bundle --outdir /bundle \
 && deno cache /bundle/*.js \
 && deno run --cached-only --v8-flags=--max-semi-space-size=8,--heap-growing-percent=15 --allow-env --allow-read /bundle/mod.js --help > /dev/null

# Its entries are files whose first line names Deno and the permission set "download" of deno.json: no shell takes part.
FROM debian:bookworm-slim AS downloader
COPY --from=build /usr/local/bin/deno /usr/local/bin/deno
COPY --from=build /deno-dir /deno-dir
COPY --from=build /app /app
COPY --from=build /app/lib/download/image/check-size.sh /check-size.sh
COPY --from=build /app/lib/download/image/initializer-entrypoint /storage-initializer/scripts/initializer-entrypoint
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1
USER 1000:1000
ENTRYPOINT ["/app/lib/download/image/download"]

FROM debian:bookworm-slim
COPY --from=build /usr/local/bin/deno /usr/local/bin/deno
COPY --from=build /deno-dir /deno-dir
COPY --from=build /bundle /bundle
# Nothing is written at run time: the root file system may be read-only.
ENV DENO_DIR=/deno-dir DENO_NO_UPDATE_CHECK=1
USER 65532:65532
ENTRYPOINT ["deno", "run", "--cached-only", "--no-prompt", "--v8-flags=--max-semi-space-size=8,--heap-growing-percent=15", "--allow-net", "--allow-read=/var/run/secrets/kubernetes.io/serviceaccount,/tmp/k8s-metrics-server/metrics-certs,/etc/aim/docker", "--allow-env=AIM_SYSTEM_NAMESPACE,POD_NAME,KUBECONFIG,HOME,DOCKER_CONFIG,REGISTRY_AUTH_FILE,XDG_RUNTIME_DIR,KUBERNETES_SERVICE_HOST,KUBERNETES_SERVICE_PORT,HTTPS_PROXY,https_proxy,HTTP_PROXY,http_proxy,ALL_PROXY,all_proxy,NO_PROXY,no_proxy,LOG_STREAM,LOG_TOKENS", "--allow-sys=hostname", "/bundle/mod.js"]
