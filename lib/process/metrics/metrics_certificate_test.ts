import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { join } from "node:path";
import { ConfigurationError } from "../../kube/access/access.ts";
import { CertificateWatch, type KeyPair, selfSigned } from "./metrics_certificate.ts";

Deno.test("a self-signed certificate is of now, for its names, and fits its key", async () => {
  const { cert, key } = await selfSigned(["localhost", "metrics.local"]);
  const certificate = new X509Certificate(cert);
  assert.equal(certificate.subjectAltName, "DNS:localhost, DNS:metrics.local");
  assert.equal(certificate.subject, certificate.issuer);
  assert.ok(certificate.checkPrivateKey(createPrivateKey(key)));
  const year = 365 * 24 * 60 * 60 * 1000;
  assert.ok(Date.parse(certificate.validFrom) < Date.now());
  assert.ok(Date.parse(certificate.validTo) > Date.now() + 9 * year);
});

Deno.test("files: read together, and only if they belong together", async () => {
  const folder = await Deno.makeTempDir();
  const files = { cert: join(folder, "tls.crt"), key: join(folder, "tls.key") };
  const watch = new CertificateWatch(files);
  await assert.rejects(
    watch.read(),
    (error: Error) =>
      error instanceof ConfigurationError && /tls\.(crt|key) cannot be read/.test(error.message),
  );
  const [first, second] = [await selfSigned(["a"]), await selfSigned(["b"])];
  await write(files, first);
  assert.deepEqual(await watch.read(), first);
  await write(files, { cert: first.cert, key: second.key });
  await assert.rejects(watch.read(), /tls\.key is not the key of .*tls\.crt/);
  await write(files, { cert: "no certificate", key: "no key" });
  await assert.rejects(watch.read(), /not a certificate and its key/);
  await Deno.remove(folder, { recursive: true });
});

async function write(files: { cert: string; key: string }, pair: KeyPair): Promise<void> {
  await Deno.writeTextFile(files.cert, pair.cert);
  await Deno.writeTextFile(files.key, pair.key);
}
