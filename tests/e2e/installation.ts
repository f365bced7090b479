/**
 * The operator as users have it: the manifests applied to a cluster, and the program on the rights of its own
 * service account. The Deployment is scaled to 0, and the operator runs as a process of ours instead.
 */

import assert from "node:assert/strict";
import type { AuditEvent } from "../control_plane/servers/audit_log.ts";
import type { Cluster } from "../control_plane/cluster.ts";
import { kindsServed } from "../control_plane/kinds_served.ts";
import { until } from "../control_plane/until.ts";
import type { ControlPlaneOptions } from "../control_plane/control_plane.ts";
import { type Document, manifestsFolder } from "../manifests/documents.ts";
import { type OperatorProcess, startOperator } from "../operator_process.ts";
import { startScenarioCluster } from "./half.ts";
import { kustomized } from "./kustomized.ts";
import { namespacedManifests, straying, TenantUser } from "./namespaced_installation.ts";
import { rights } from "./rights.ts";
import { User } from "./user.ts";

/** A cluster with the operator in it. */
export interface Installation<C extends Cluster = Cluster> {
  readonly plane: C;
  readonly operator: OperatorProcess;
  readonly user: User;
  /** The namespaces where its rights end; undefined where they do not. */
  readonly namespaces?: readonly string[];
  /** Whether its rights go so far beyond that it reads cluster kinds. */
  readonly readsCluster?: boolean;
}

export interface InstallationOptions {
  /** The namespaces of the scenario, for where the operator's rights end at them. Default: `ml-team`. */
  readonly namespaces?: readonly string[];
  /** Namespaces that it is told of as well, and that are not there yet. */
  readonly laterNamespaces?: readonly string[];
  /** What the cluster has; unless said here, all of it. */
  readonly cluster?: ControlPlaneOptions;
  /**
   * Whether the operator takes the lease, as in a Deployment. It then ends by itself if the machine stands still
   * for longer than the lease lasts, and nobody here starts it again as a kubelet would: only for tests of that.
   */
  readonly leaderElection?: boolean;
  /** More flags for the operator. */
  readonly args?: readonly string[];
  /** Environment of the operator. */
  readonly env?: Readonly<Record<string, string>>;
  /** Where the operator finds the API server, if not where it is. */
  readonly server?: string;
  /** The port on which a debugger may look into the operator. */
  readonly inspectorPort?: number;
}

/** Starts a GPU cluster with an audit log, applies the manifests, starts the operator. */
export async function install(options: InstallationOptions = {}): Promise<Installation> {
  const plane = await startScenarioCluster({ auditLog: true, ...options.cluster });
  try {
    return await installInto(plane, options);
  } catch (error) {
    await plane.stop();
    throw error;
  }
}

/** Applies the manifests to a cluster and starts the operator. */
export async function installInto<C extends Cluster>(
  plane: C,
  { leaderElection = false, args = [], ...options }: InstallationOptions = {},
): Promise<Installation<C>> {
  const namespaces = rights.of === "namespaces" ? options.namespaces ?? ["ml-team"] : undefined;
  if (namespaces === undefined) await applyManifests(plane);
  else await applyNamespaced(plane, namespaces);
  const watched = namespaces && [...namespaces, ...options.laterNamespaces ?? []];
  await plane.noticeNewKinds();
  const operator = await startOperator(plane, {
    args: [
      ...(leaderElection ? ["--leader-elect"] : []),
      ...(watched === undefined ? [] : [`--namespace=${watched.join(",")}`]),
      ...args,
    ],
    env: options.env,
    server: options.server,
    inspectorPort: options.inspectorPort,
  });
  const user = namespaces === undefined ? new User(plane) : new TenantUser(plane, namespaces);
  return { plane, operator, user, namespaces: watched };
}

/** Ends both; fails if the API server refused the operator anything for want of a right. */
export async function uninstall(installation: Installation | undefined): Promise<void> {
  if (installation === undefined) return; // it did not start: that error is reported
  const { plane, operator, namespaces, readsCluster } = installation;
  try {
    await operator.stop();
    const events = await plane.auditEvents();
    // Else the two lines below would find nothing whatever it did.
    assert.ok(events.some(({ user }) => user.username === operator.user), "no request of the operator's");
    const log = await operator.log();
    assert.match(log, /the operator starts/);
    assert.deepEqual(refusals(events, operator, namespaces !== undefined), []);
    assert.deepEqual(secretsNotByName(events, operator), []);
    if (namespaces !== undefined) {
      assert.deepEqual(straying(events, operator.user, namespaces, readsCluster), []);
    }
    const mistakes = log.split("\n").filter((line) =>
      /a reconcile threw|without a wake-up|Uncaught/.test(line)
    );
    assert.deepEqual(mistakes, []);
  } finally {
    await plane.stop();
  }
}

/** `kubectl apply -k manifests`, with the Deployment at 0 replicas. */
export async function applyManifests(plane: Cluster): Promise<void> {
  await applyDocuments(plane, await kustomized(plane, manifestsFolder));
}

/** The CRDs, the namespaces, and Roles in each of them. */
async function applyNamespaced(plane: Cluster, namespaces: readonly string[]): Promise<void> {
  const made = ["aim-system", ...namespaces].map((name) => ({
    apiVersion: "v1",
    kind: "Namespace",
    metadata: { name },
  }));
  const documents = await namespacedManifests(plane, namespaces);
  assert.deepEqual(documents.filter(({ kind }) => /^(Cluster|Namespace$)/.test(kind!)), []);
  await applyDocuments(plane, [
    ...await kustomized(plane, `${manifestsFolder}/crds`),
    ...made,
    ...documents,
  ]);
}

async function applyDocuments(plane: Cluster, documents: readonly Document[]): Promise<void> {
  for (const { kind, spec } of documents) if (kind === "Deployment") spec.replicas = 0;
  await plane.apply(documents);
  await kindsServed(plane);
}

/** What the operator was forbidden, one line a request. */
function refusals(events: readonly AuditEvent[], operator: OperatorProcess, isScoped: boolean): string[] {
  return events
    .filter(({ user, responseStatus }) => user.username === operator.user && responseStatus?.code === 403)
    .filter((event) => !isScoped || !isOfGoingNamespace(event, events))
    .map(({ verb, requestURI, responseStatus }) => `${verb} ${requestURI}: ${responseStatus?.message}`)
    // A namespace or a kind that is going takes no new objects, a full one neither, nor does a webhook: no missing right.
    .filter((line) =>
      !/because it is being terminated|custom resource definition is terminating|exceeded quota|admission webhook/
        .test(line)
    );
}

/** Whether the namespace of a request was on its way out by then: the Role in it may go first. */
function isOfGoingNamespace(event: AuditEvent, events: readonly AuditEvent[]): boolean {
  const { namespace } = event.objectRef ?? {};
  return namespace !== undefined &&
    events.some(({ verb, objectRef, stageTimestamp }) =>
      verb === "delete" && objectRef?.resource === "namespaces" && objectRef.name === namespace &&
      Date.parse(stageTimestamp) <= Date.parse(event.stageTimestamp)
    );
}

/** What the operator did with Secrets beside reading one by its name. */
function secretsNotByName(events: readonly AuditEvent[], operator: OperatorProcess): string[] {
  return events
    .filter(({ user, objectRef, verb }) =>
      user.username === operator.user && objectRef?.resource === "secrets" &&
      (verb !== "get" || !objectRef.name)
    )
    .map(({ verb, requestURI }) => `${verb} ${requestURI}`);
}

const readingVerbs = ["get", "list", "watch"];

/** What the operator has written so far, in words; its Lease is not counted. */
export async function writesOf({ plane, operator }: Installation): Promise<string[]> {
  return (await plane.auditEvents())
    .filter(({ user, verb, objectRef, stage }) =>
      user.username === operator.user && stage === "ResponseComplete" && !readingVerbs.includes(verb) &&
      objectRef?.resource !== "leases"
    )
    .map(({ verb, requestURI, responseStatus }) => `${verb} ${requestURI} ${responseStatus?.code}`);
}

/**
 * The operator's writes so far, once so many seconds in a row have added none: a status may wait a second for more of
 * it, and a detail ten.
 */
export async function writesAtRest(installation: Installation, seconds = 3): Promise<string[]> {
  let last = await writesOf(installation);
  let same = 0;
  return await until("the operator to be quiet", async () => {
    const now = await writesOf(installation);
    same = now.length === last.length ? same + 1 : 0;
    last = now;
    return same >= seconds ? now : undefined;
  }, { seconds: 30 + 2 * seconds, everyMilliseconds: 1_000 });
}
