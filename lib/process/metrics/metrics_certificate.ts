/** The certificate of the metrics server: one made at start, or files that may be replaced at any time. */

import { createPrivateKey, X509Certificate } from "node:crypto";
import { ConfigurationError } from "../../kube/access/access.ts";

/** PEM. */
export interface KeyPair {
  readonly cert: string;
  readonly key: string;
}

const years = 365 * 24 * 60 * 60 * 1000;

/**
 * A self-signed certificate for these names. Nobody can verify it, so that it expires proves nothing: it holds for
 * as long as any process may run.
 */
export async function selfSigned(names: readonly string[]): Promise<KeyPair> {
  // Its parts want this polyfill first. Both are loaded only here: they cost memory.
  await import("reflect-metadata");
  const { PemConverter, SubjectAlternativeNameExtension, X509CertificateGenerator } = await import(
    "@peculiar/x509"
  );
  const algorithm = { name: "ECDSA", namedCurve: "P-256", hash: "SHA-256" };
  const keys = await crypto.subtle.generateKey(algorithm, true, ["sign", "verify"]) as CryptoKeyPair;
  const now = Date.now();
  const certificate = await X509CertificateGenerator.createSelfSigned({
    name: "CN=aim-engine-metrics",
    notBefore: new Date(now - 60 * 60 * 1000),
    notAfter: new Date(now + 10 * years),
    signingAlgorithm: algorithm,
    keys,
    extensions: [
      new SubjectAlternativeNameExtension(names.map((value) => ({ type: "dns" as const, value }))),
    ],
  });
  const key = await crypto.subtle.exportKey("pkcs8", keys.privateKey);
  return { cert: certificate.toString("pem"), key: PemConverter.encode(key, "PRIVATE KEY") };
}

export interface CertificateFiles {
  readonly cert: string;
  readonly key: string;
}

/** How often the files are looked at, in milliseconds. */
const period = 10_000;

export interface Watching {
  /** Told of every try to read the files. */
  readonly onRead: (succeeded: boolean) => void;
  readonly onChange: (pair: KeyPair) => void;
  readonly log: (message: string, error: unknown) => void;
  readonly everyMilliseconds?: number;
}

/** A certificate in files: the pair of now, and what tells of later ones. */
export class CertificateWatch {
  readonly #files: CertificateFiles;
  #pair: KeyPair | undefined;

  constructor(files: CertificateFiles) {
    this.#files = files;
  }

  /**
   * Reads both files.
   * @throws ConfigurationError if one cannot be read, or they do not belong together (a rotation may be half done).
   */
  async read(): Promise<KeyPair> {
    const [cert, key] = await Promise.all([readFile(this.#files.cert), readFile(this.#files.key)]);
    let belongs: boolean;
    try {
      belongs = new X509Certificate(cert).checkPrivateKey(createPrivateKey(key));
    } catch (error) {
      throw new ConfigurationError(
        `${this.#files.cert}, ${this.#files.key}: not a certificate and its key: ${(error as Error).message}`,
      );
    }
    if (!belongs) {
      throw new ConfigurationError(`${this.#files.key} is not the key of ${this.#files.cert}`);
    }
    return this.#pair = { cert, key };
  }

  /** Looks at the files now and then, until `signal` is aborted; a pair that cannot be used is not taken. */
  watch(signal: AbortSignal, { onRead, onChange, log, everyMilliseconds = period }: Watching): void {
    const timer = setInterval(async () => {
      const before = this.#pair;
      try {
        const pair = await this.read();
        if (before !== undefined && pair.cert === before.cert && pair.key === before.key) return;
        onChange(pair);
        onRead(true);
      } catch (error) {
        this.#pair = before;
        onRead(false);
        log("the certificate of the metrics server cannot be read again; the old one stays", error);
      }
    }, everyMilliseconds);
    signal.addEventListener("abort", () => clearInterval(timer), { once: true });
  }
}

async function readFile(path: string): Promise<string> {
  try {
    return await Deno.readTextFile(path);
  } catch (error) {
    if (error instanceof Deno.errors.NotCapable) {
      throw new ConfigurationError(`${path} may not be read: add it to --allow-read`);
    }
    throw new ConfigurationError(`${path} cannot be read: ${(error as Error).message}`);
  }
}
