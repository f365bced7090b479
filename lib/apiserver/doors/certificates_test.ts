import assert from "node:assert/strict";
import { createPrivateKey, X509Certificate } from "node:crypto";
import { CertificateAuthority } from "./certificates.ts";

const authority = new CertificateAuthority("test-ca");
const authorityCertificate = new X509Certificate(authority.certificate);

Deno.test("the authority's certificate may sign others and is signed by itself", () => {
  assert.equal(authorityCertificate.ca, true);
  assert.equal(authorityCertificate.subject, "CN=test-ca");
  assert.ok(authorityCertificate.verify(authorityCertificate.publicKey));
});

Deno.test("a client's certificate names its user and groups and belongs to its key", () => {
  const { certificate, key } = authority.forClient({ user: "ann", groups: ["ops", "system:masters"] });
  const read = new X509Certificate(certificate);
  assert.equal(read.subject, "O=ops\nO=system:masters\nCN=ann");
  assert.equal(read.issuer, "CN=test-ca");
  assert.equal(read.ca, false);
  assert.ok(read.verify(authorityCertificate.publicKey));
  assert.ok(read.checkPrivateKey(createPrivateKey(key)));
  assert.ok(new Date(read.validFrom) < new Date() && new Date() < new Date(read.validTo));
});

Deno.test("a server's certificate names its hosts", () => {
  const read = new X509Certificate(authority.forServer(["127.0.0.1", "localhost"]).certificate);
  assert.equal(read.subjectAltName, "IP Address:127.0.0.1, DNS:localhost");
});
