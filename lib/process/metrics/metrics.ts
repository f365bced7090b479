/** Metrics, as the flags want them. Imported only where they want any. */

import { join } from "node:path";
import type { Logger } from "@logtape/logtape";
import type { Transport } from "../../kube/transport.ts";
import type { OperatorMetrics } from "../../metrics/mod.ts";
import { AccessReview } from "./access_review.ts";
import type { Values } from "../go_flags.ts";
import type { ListenAddress } from "../listen.ts";
import { CertificateWatch, type KeyPair, selfSigned } from "./metrics_certificate.ts";
import { type MetricsServer, serveMetrics } from "./metrics_server.ts";
import type { operatorFlags } from "../operator_flags.ts";

export { OperatorMetrics } from "../../metrics/mod.ts";

export interface ServedMetrics {
  readonly address: ListenAddress;
  readonly flags: Values<typeof operatorFlags>;
  readonly metrics: OperatorMetrics;
  readonly transport: Transport;
  readonly log: Logger;
}

/** Serves metrics until `signal` is aborted. @throws ConfigurationError for an address or files that will not do. */
export async function startMetrics(served: ServedMetrics, signal: AbortSignal): Promise<MetricsServer> {
  const { address, flags, metrics, transport, log } = served;
  const complain = (message: string, error: unknown) => log.error(message, { error });
  const files = flags["metrics-secure"] ? certificateFiles(flags) : undefined;
  const server = await serveMetrics({
    address,
    metrics,
    log: complain,
    secure: flags["metrics-secure"]
      ? {
        certificate: await certificate(files, metrics),
        http2: flags["enable-http2"],
        mayGet: reviewer(transport),
      }
      : undefined,
  });
  signal.addEventListener("abort", () => server.close(), { once: true });
  files?.watch(signal, {
    onRead: metrics.certificateRead,
    onChange: (pair) => {
      server.setCertificate(pair);
      log.info("the metrics server has a new certificate");
    },
    log: complain,
  });
  log.info("metrics are served", { port: server.port, secure: flags["metrics-secure"] });
  return server;
}

function reviewer(transport: Transport): AccessReview["mayGet"] {
  const review = new AccessReview(transport);
  return (path, token) => review.mayGet(path, token);
}

function certificateFiles(flags: ServedMetrics["flags"]): CertificateWatch | undefined {
  const folder = flags["metrics-cert-path"];
  if (folder === "") return undefined;
  return new CertificateWatch({
    cert: join(folder, flags["metrics-cert-name"]),
    key: join(folder, flags["metrics-cert-key"]),
  });
}

async function certificate(files: CertificateWatch | undefined, metrics: OperatorMetrics): Promise<KeyPair> {
  if (files === undefined) return await selfSigned(["localhost"]);
  const pair = await files.read();
  metrics.certificateRead(true);
  return pair;
}
