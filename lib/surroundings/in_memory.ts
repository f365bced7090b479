/** The cluster in memory as its surroundings see it: what they write are requests to its API server, as anybody's. */

import { shelfOf } from "../apiserver/kinds/kind.ts";
import type { ApiServer } from "../apiserver/server.ts";
import type { Change } from "../apiserver/store/store.ts";
import { apiVersionOf, type KubeObject, type Live, type Resource } from "../kube/object.ts";
import { seconds } from "./controller.ts";
import { type Clock, type Cluster, type EventRecord, Refused } from "./run.ts";

export class InMemoryCluster implements Cluster {
  readonly clock: Clock;
  #events = 0;

  constructor(private readonly server: ApiServer) {
    const { clock } = server.cluster;
    this.clock = {
      now: () => new Date(clock.now()),
      after: (milliseconds, call) => void clock.after(milliseconds, call),
    };
  }

  subscribe(resource: Resource, told: (object: Live<KubeObject>, gone: boolean) => void): () => void {
    const { store } = this.server.cluster;
    const shelf = shelfOf(resource);
    for (const object of store.list(shelf)) told(object as Live<KubeObject>, false);
    return store.listen(
      shelf,
      ({ type, object }: Change) => told(object as Live<KubeObject>, type === "DELETED"),
    );
  }

  create(resource: Resource, object: KubeObject, manager: string): Live<KubeObject> {
    const path = pathOf(resource, object.metadata?.namespace);
    return this.#ask("POST", path, manager, object) as Live<KubeObject>;
  }

  update(resource: Resource, object: Live<KubeObject>, manager: string, subresource?: "status"): void {
    const { managedFields: _, ...rest } = object.metadata;
    const there = this.server.cluster.store.get(shelfOf(resource), rest.namespace, rest.name);
    if (there?.metadata.uid !== rest.uid) return; // gone, or another one by now
    const metadata = { ...rest, resourceVersion: there.metadata.resourceVersion };
    const path = pathOf(resource, metadata.namespace, metadata.name, subresource);
    const body = { ...object, metadata, apiVersion: apiVersionOf(resource), kind: resource.kind };
    this.#ask("PUT", path, manager, body, { unlessGone: true });
  }

  delete(resource: Resource, { metadata }: Live<KubeObject>, gracePeriodSeconds?: number): void {
    const body = {
      apiVersion: "v1",
      kind: "DeleteOptions",
      preconditions: { uid: metadata.uid },
      propagationPolicy: "Background",
      ...(gracePeriodSeconds === undefined ? {} : { gracePeriodSeconds }),
    };
    this.#ask("DELETE", pathOf(resource, metadata.namespace, metadata.name), "surroundings", body, {
      unlessGone: true,
    });
  }

  bind(pod: Live<KubeObject>, node: string): void {
    const { namespace, name } = pod.metadata;
    const path = `/api/v1/namespaces/${namespace}/pods/${name}/binding`;
    const target = { apiVersion: "v1", kind: "Node", name: node };
    const body = { apiVersion: "v1", kind: "Binding", metadata: { namespace, name }, target };
    this.#ask("POST", path, "default-scheduler", body, { unlessGone: true });
  }

  keepLog({ metadata }: Live<KubeObject>, log: string): void {
    this.server.cluster.logs.set(metadata.uid, log);
  }

  record({ about, resource, component, ...text }: EventRecord): void {
    const now = seconds(this.clock.now());
    const namespace = about.metadata.namespace ?? "default";
    const { name, uid } = about.metadata;
    // Of what goes with its namespace nobody can tell any more.
    this.#ask("POST", `/api/v1/namespaces/${namespace}/events`, component, {
      apiVersion: "v1",
      kind: "Event",
      metadata: {
        namespace,
        name: `${name.slice(0, 200)}.${(++this.#events).toString(16).padStart(16, "0")}`,
      },
      involvedObject: { apiVersion: apiVersionOf(resource), kind: resource.kind, namespace, name, uid },
      ...text,
      source: { component },
      firstTimestamp: now,
      lastTimestamp: now,
      count: 1,
    }, { unlessGone: true });
  }

  /** @param unlessGone what is no more, is another one by now or goes with its namespace is no fault */
  #ask(method: string, path: string, manager: string, body: object, { unlessGone = false } = {}): unknown {
    const answer = this.server.handle({
      method,
      path,
      query: queryOf(manager),
      body,
      contentType: "application/json",
      userAgent: manager,
    });
    if (answer.code < 400) return "body" in answer ? answer.body : undefined;
    if (unlessGone && (answer.code === 404 || answer.code === 409 || goesWithItsNamespace(answer))) {
      return undefined;
    }
    const said = "body" in answer
      ? (answer.body as { message: string }).message
      : "text" in answer
      ? answer.text
      : "";
    throw new Refused(said);
  }
}

const queries = new Map<string, URLSearchParams>();

/** What a manager's requests ask for: few managers send many. */
function queryOf(fieldManager: string): URLSearchParams {
  let query = queries.get(fieldManager);
  if (query === undefined) queries.set(fieldManager, query = new URLSearchParams({ fieldManager }));
  return query;
}

function goesWithItsNamespace(answer: object): boolean {
  const { details } = (answer as { body?: { details?: { causes?: { reason?: string }[] } } }).body ?? {};
  return details?.causes?.some(({ reason }) => reason === "NamespaceTerminating") ?? false;
}

function pathOf(
  resource: Resource,
  namespace: string | undefined,
  name?: string,
  subresource?: string,
): string {
  const root = resource.group === "" ? "/api/v1" : `/apis/${apiVersionOf(resource)}`;
  const place = resource.namespaced ? `/namespaces/${namespace}` : "";
  return [root + place, resource.plural, name, subresource].filter((part) => part !== undefined).join("/");
}
