/** An installation with Roles only, as manifests/README.md tells ("In some namespaces only"), and its user. */

import assert from "node:assert/strict";
import { relative } from "node:path";
import type { AuditEvent } from "../control_plane/servers/audit_log.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { type Document, documentsOf, manifestsFolder } from "../manifests/documents.ts";
import { type AnyObject, User } from "./user.ts";

/** Who renders kustomizations: that takes kubectl, and no cluster. */
export type Kustomizer = Pick<Cluster, "kubectl">;

/** What kubectl makes of kustomizations, by the folder in which each stands. */
export async function rendered(
  plane: Kustomizer,
  kustomizations: Readonly<Record<string, (manifests: string) => string>>,
): Promise<Document[]> {
  const root = await Deno.makeTempDir({ prefix: "aim-kustomize-" });
  try {
    for (const [folder, textOf] of Object.entries(kustomizations)) {
      const path = `${root}/${folder}`;
      await Deno.mkdir(path, { recursive: true });
      await Deno.writeTextFile(`${path}/kustomization.yaml`, textOf(relative(path, manifestsFolder)));
    }
    const { code, stdout, stderr } = await plane.kubectl(["kustomize", root]);
    assert.equal(code, 0, stderr);
    return documentsOf(stdout);
  } finally {
    await Deno.remove(root, { recursive: true });
  }
}

/** All that an operator in `aim-system` with `--namespace` gets. */
export function namespacedManifests(
  plane: Kustomizer,
  namespaces: readonly string[],
): Promise<Document[]> {
  return rendered(plane, {
    "": () => `resources: [operator, ${namespaces.join(", ")}]\n`,
    operator: (manifests) =>
      `resources: [${manifests}/overlays/namespaced-operator]
patches:
  - target: {kind: Deployment, name: aim-engine-controller-manager}
    patch: |
      - {op: replace, path: /spec/template/spec/containers/0/args/1, value: "--namespace=${
        namespaces.join(",")
      }"}
`,
    ...Object.fromEntries(
      namespaces.map((namespace) => [
        namespace,
        (manifests: string) => `namespace: ${namespace}\nresources: [${manifests}/watched-namespace]\n`,
      ]),
    ),
  });
}

/** What one more namespace gets. */
export function watchedNamespace(plane: Kustomizer, namespace: string): Promise<Document[]> {
  return rendered(plane, {
    "": (manifests) => `namespace: ${namespace}\nresources: [${manifests}/watched-namespace]\n`,
  });
}

/** The right to read cluster kinds. */
export function clusterRead(plane: Kustomizer): Promise<Document[]> {
  return rendered(plane, { "": (manifests) => `components: [${manifests}/cluster-read]\n` });
}

/**
 * Requests of the operator that have no business in scoped mode, since they go elsewhere than into its namespaces.
 *
 * @param readsCluster whether it may list and watch cluster kinds
 */
export function straying(
  events: readonly AuditEvent[],
  operator: string,
  namespaces: readonly string[],
  readsCluster = false,
): string[] {
  const allowed = [
    new RegExp(`^/apis?/.*/namespaces/(${namespaces.join("|")})/`),
    /^\/apis\/authorization\.k8s\.io\/v1\/selfsubjectaccessreviews/,
    // Which kinds there are.
    /^\/apis?(\/[\w.]+)?\/v\w+(\?.*)?$/,
    /^\/apis\/coordination\.k8s\.io\/v1\/namespaces\/aim-system\/leases/,
  ];
  return events
    .filter(({ user, verb, requestURI }) =>
      user.username === operator && !allowed.some((path) => path.test(requestURI)) &&
      !(readsCluster && ["list", "watch"].includes(verb) && clusterPath.test(requestURI))
    )
    .map(({ verb, requestURI, responseStatus }) => `${verb} ${requestURI} ${responseStatus?.code}`);
}

const clusterPath = /\/(aimcluster(models|servicetemplates|runtimeconfigs)|nodes|storageclasses)(\?.*)?$/;

const clusterKind = /^(AIM|aim)cluster(model|servicetemplate|runtimeconfig)/i;

/** The namespaced twin of a cluster kind, however it is written; others are left as they are. */
function twinOf(kind: string): string {
  return kind.replace(clusterKind, "$1$2");
}

/**
 * A person without rights on the cluster: what a scenario makes for all namespaces, he makes in each of them. Of a
 * namespace that goes he first deletes what the operator has to clean up, as docs/operations.md tells.
 */
export class TenantUser extends User {
  constructor(plane: Cluster, private readonly namespaces: readonly string[]) {
    super(plane);
  }

  override async kubectl(...args: string[]): Promise<string> {
    if (args[0] === "delete" && args[1] === "namespace") {
      await super.kubectl("delete", "aimservices,aimtemplatecaches", "--all", "-n", args[2], "--timeout=60s");
    }
    const inNamespace = args.some((arg) => clusterKind.test(arg)) ? ["-n", this.namespaces[0]] : [];
    return await super.kubectl(...args.map(twinOf), ...inNamespace);
  }

  override get(kind: string, name: string, namespace?: string): Promise<AnyObject> {
    return super.get(twinOf(kind), name, this.#placeOf(kind, namespace));
  }

  override list(kind: string, namespace: string, selector?: string): Promise<AnyObject[]> {
    return super.list(twinOf(kind), this.#placeOf(kind, namespace)!, selector);
  }

  #placeOf(kind: string, namespace?: string): string | undefined {
    return clusterKind.test(kind) ? this.namespaces[0] : namespace;
  }

  override apply(what: string | readonly AnyObject[]): Promise<string> {
    return super.apply(typeof what === "string" ? what : what.flatMap((object) => this.#twins(object)));
  }

  #twins(object: AnyObject): AnyObject[] {
    if (!clusterKind.test(object.kind)) return [object];
    const kind = object.kind.replace("Cluster", "");
    return this.namespaces.map((namespace) => ({
      ...object,
      kind,
      metadata: { ...object.metadata, namespace },
    }));
  }
}
