/** What each namespace is given: its default service account, and the certificate to know the API server by. */

import type { KubeObject, Live } from "../kube/object.ts";
import { type Controller, type Write } from "./controller.ts";
import { configMaps, namespaces, serviceAccounts } from "./resources.ts";

/** @param certificateAuthority what signed the API server's certificate, as PEM; empty where nobody asks for it */
export function namespaceController(certificateAuthority = ""): Controller {
  return {
    name: "kube-controller-manager",
    resource: namespaces,
    watches: [
      { resource: serviceAccounts, keysOf: ({ metadata }) => [{ name: metadata.namespace! }] },
      { resource: configMaps, keysOf: ({ metadata }) => [{ name: metadata.namespace! }] },
    ],
    reconcile(namespace, view): Write[] {
      if (namespace.metadata.deletionTimestamp !== undefined) return [];
      const wanted: [typeof configMaps, KubeObject & { data?: object }][] = [
        [serviceAccounts, objectIn(namespace, "v1", "ServiceAccount", "default")],
        [configMaps, {
          ...objectIn(namespace, "v1", "ConfigMap", "kube-root-ca.crt"),
          data: { "ca.crt": certificateAuthority },
        }],
      ];
      return wanted
        .filter(([resource, { metadata }]) =>
          view.get(resource, namespace.metadata.name, metadata!.name!) === undefined
        )
        .map(([resource, create]) => ({ create, resource }));
    },
  };
}

function objectIn(namespace: Live<KubeObject>, apiVersion: string, kind: string, name: string): KubeObject {
  return { apiVersion, kind, metadata: { namespace: namespace.metadata.name, name } };
}
