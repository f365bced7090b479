# Three images, for linux/amd64 and linux/arm64; BuildKit says for which, and builds the stages only that the target needs:
#   docker build .                        the operator's
#   docker build --target downloader .    the one that measures and downloads weights
#   docker build --target cli .           the command line kubectl-aim, for pipelines
# Each holds one program that needs no Deno and carries its permissions itself: those of release/programs.ts.

FROM --platform=$BUILDPLATFORM node:24-bookworm-slim AS sources
RUN npm install --prefix /npm --no-save --ignore-scripts deno@2.9.6 \
 && cp /npm/node_modules/@deno/linux-*-glibc/deno /usr/local/bin/deno
WORKDIR /app
COPY deno.json deno.lock mod.ts ./
COPY lib lib
COPY controllers controllers
COPY release release

FROM sources AS build-operator
ARG TARGETARCH
ARG COMMIT=unknown
# Deno decides when it compiles whether a program tells of its traces: OTEL_DENO=true makes one that does.
ARG OTEL_DENO
RUN deno task compile --only=aim-operator --outdir=/out --arch=${TARGETARCH:-amd64} --commit=$COMMIT

FROM sources AS build-downloader
ARG TARGETARCH
ARG COMMIT=unknown
RUN deno task compile --only=aim-downloader --outdir=/out --arch=${TARGETARCH:-amd64} --commit=$COMMIT

FROM sources AS build-cli
ARG TARGETARCH
ARG COMMIT=unknown
RUN deno task compile --only=kubectl-aim --outdir=/out --arch=${TARGETARCH:-amd64} --commit=$COMMIT

# No shell, no package manager: libc, libgcc and the certificates of public authorities.
FROM gcr.io/distroless/cc-debian12:nonroot AS base
ARG COMMIT=unknown
LABEL org.opencontainers.image.vendor="AIM operator" \
      org.opencontainers.image.licenses="MIT" \
      org.opencontainers.image.version="0.1.0" \
      org.opencontainers.image.revision=$COMMIT \
      org.opencontainers.image.base.name="gcr.io/distroless/cc-debian12:nonroot"

FROM base AS downloader
LABEL org.opencontainers.image.title="aim-downloader" \
      org.opencontainers.image.description="Measures the weights of AI models and downloads them to a volume"
COPY --from=build-downloader /out/aim-downloader /aim-downloader
COPY --from=build-downloader /out/aim-downloader.licences.txt /licences.txt
# Its other entries are files whose first line names the program: no shell takes part.
COPY --from=sources /app/lib/download/image/ /
USER 1000:1000
ENTRYPOINT ["/aim-downloader"]

FROM base AS cli
LABEL org.opencontainers.image.title="aim-cli" \
      org.opencontainers.image.description="Explains and foresees what the AIM operator does"
COPY --from=build-cli /out/kubectl-aim /kubectl-aim
COPY --from=build-cli /out/kubectl-aim.licences.txt /licences.txt
USER 65532:65532
ENTRYPOINT ["/kubectl-aim"]

FROM base AS operator
LABEL org.opencontainers.image.title="aim-operator" \
      org.opencontainers.image.description="Serves AI models on Kubernetes"
COPY --from=build-operator /out/aim-operator /aim-operator
COPY --from=build-operator /out/aim-operator.licences.txt /licences.txt
# Memory that is freed goes back to the machine sooner (lib/process/permissions.ts).
ENV MALLOC_ARENA_MAX=2 MALLOC_TRIM_THRESHOLD_=131072 MALLOC_TOP_PAD_=0
# Nothing is written at run time: the root file system may be read-only.
USER 65532:65532
ENTRYPOINT ["/aim-operator"]
