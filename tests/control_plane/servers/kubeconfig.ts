/** Kubeconfig files for clients of one control plane. */
import { Buffer } from "node:buffer";
import { stringify } from "yaml";
import type { KeyPair } from "../../../lib/apiserver/doors/certificates.ts";

/** What a client shows to the API server. */
export type Credentials = { readonly clientCertificate: KeyPair } | { readonly token: string };

/** The text of a kubeconfig with one context, named after the user; everything it needs is inside. */
export function kubeconfig(
  { server, certificateAuthority, user, credentials }: {
    server: string;
    certificateAuthority: string;
    user: string;
    credentials: Credentials;
  },
): string {
  const base64 = (text: string) => Buffer.from(text).toString("base64");
  return stringify({
    apiVersion: "v1",
    kind: "Config",
    clusters: [{
      name: "control-plane",
      cluster: { server, "certificate-authority-data": base64(certificateAuthority) },
    }],
    users: [{
      name: user,
      user: "token" in credentials ? { token: credentials.token } : {
        "client-certificate-data": base64(credentials.clientCertificate.certificate),
        "client-key-data": base64(credentials.clientCertificate.key),
      },
    }],
    contexts: [{ name: user, context: { cluster: "control-plane", user } }],
    "current-context": user,
  });
}
