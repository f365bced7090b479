/** GET with `watch`: what there is, or what has happened since a version, and then what happens. */
import type { Cluster } from "../cluster.ts";
import type { JsonObject } from "../json.ts";
import { apiVersionOf, type Kind, shelfOf } from "../kinds/kind.ts";
import type { Wanted } from "../output/accept.ts";
import { inVersion, partialOf, table } from "../output/shape.ts";
import { expired } from "../status.ts";
import type { StoredObject } from "../store/store.ts";
import { Watch } from "../watch/watch.ts";
import type { ListOptions } from "./list_options.ts";

/** How many events wait for a reader who does not read, before the stream is cut. */
const bound = 5000;
const bookmarkEvery = 60_000;
/** A stream ends between so many seconds and twice as many, unless its reader says when. */
const shortestSeconds = 1800;

export interface WatchRequest {
  readonly kind: Kind;
  readonly namespace?: string;
  readonly options: ListOptions;
  readonly wanted: Wanted;
  readonly query: URLSearchParams;
}

export function watch(cluster: Cluster, request: WatchRequest): Watch {
  const { kind, namespace, options } = request;
  const shelf = shelfOf(kind);
  const opened = new Watch({
    wants: (object) =>
      (!kind.namespaced || namespace === undefined || object.metadata.namespace === namespace) &&
      options.selects(object),
    shape: shaper(cluster, request),
    bookmark: bookmarkOf(request),
    bound: Math.max(bound, 2 * cluster.list(kind, namespace).length),
  });
  const since = Number(options.resourceVersion || 0);
  if (options.sendInitialEvents || since === 0) {
    for (const object of cluster.list(kind, namespace)) opened.initial(object);
    if (options.sendInitialEvents && options.bookmarks) opened.bookmark(cluster.store.version, true);
  } else {
    const changes = cluster.store.since(shelf, since);
    if (changes === undefined) {
      opened.fail(expired(`too old resource version: ${since} (${cluster.store.version})`).status);
      return opened;
    }
    for (const change of changes) opened.change(change);
  }
  opened.atEnd(cluster.store.listen(shelf, (change) => {
    if (change.version > since) opened.change(change);
  }));
  cluster.opened(shelf, opened);
  endInTime(cluster, opened, options);
  if (options.bookmarks) bookmarkNow(cluster, opened);
  return opened;
}

function endInTime(cluster: Cluster, opened: Watch, { timeoutSeconds }: ListOptions): void {
  const seconds = timeoutSeconds || shortestSeconds * (1 + cluster.random());
  opened.atEnd(cluster.clock.after(seconds * 1000, () => opened.end()));
}

function bookmarkNow(cluster: Cluster, opened: Watch): void {
  let off = cluster.clock.after(bookmarkEvery, next);
  opened.atEnd(() => off());
  function next() {
    opened.bookmark(cluster.store.version);
    off = cluster.clock.after(bookmarkEvery, next);
  }
}

/** A table names its columns once. */
function shaper(cluster: Cluster, { kind, wanted, query }: WatchRequest): (object: StoredObject) => unknown {
  if (wanted.as === "PartialObjectMetadata") return (object) => partialOf(object);
  if (wanted.as !== "Table") return (object) => inVersion(kind, object);
  let named = true;
  return (object) => {
    const { resourceVersion } = object.metadata;
    const row = table(
      kind,
      [inVersion(kind, object)],
      { resourceVersion },
      query,
      cluster.clock.now(),
      named,
    );
    named = false;
    return row;
  };
}

function bookmarkOf(
  { kind, wanted }: WatchRequest,
): (version: number, initialEventsEnd: boolean) => JsonObject {
  return (version, initialEventsEnd) => {
    const metadata: JsonObject = { resourceVersion: String(version) };
    if (initialEventsEnd) metadata.annotations = { "k8s.io/initial-events-end": "true" };
    const { kind: name, apiVersion } = wanted.as === "PartialObjectMetadata"
      ? { kind: wanted.as, apiVersion: "meta.k8s.io/v1" }
      : { kind: kind.kind, apiVersion: apiVersionOf(kind) };
    return { kind: name, apiVersion, metadata };
  };
}
