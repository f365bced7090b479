/**
 * Faults that somebody could make in the operator or its client: each is a text of a file in another's place. What the
 * histories are worth is what they find of them.
 *
 * Two are none of them, since nobody notices. A change that comes in one chunk with others cannot be lost in a cluster in
 * this thread, where each comes alone (`informer_test.ts` has chunks). Caches that make two artifacts of a source at once
 * do not download twice: the second artifact stands back from the first (`artifacts_test.ts` has the limit).
 */

export interface Fault {
  readonly name: string;
  /** From the root of the repository. */
  readonly file: string;
  /** Stands there once. */
  readonly from: string;
  readonly to: string;
  /** No history of the suite finds it today: it is named, and fails no run. */
  readonly hidden?: true;
}

const runner = "lib/operator/runner/runner.ts";
const dependencies = "lib/operator/runner/dependencies.ts";
const store = "lib/kube/cache/store.ts";
const applier = "lib/operator/apply/applier.ts";
const assess = "lib/operator/apply/assess.ts";
const childWriter = "lib/operator/apply/child_writer.ts";
const service = "controllers/service/reconcile.ts";

export const faults: readonly Fault[] = [
  {
    name: "an own write is taken for an echo though somebody else's change came with it",
    file: runner,
    from: "isOwn(key, change) &&\n      change.kind.sameProjection(change.after, key.predicted);",
    to: "isOwn(key, change);",
  },
  {
    name: "an own write wakes nobody else",
    file: runner,
    from: "if (key.learning && !isOwn(key, change)) key.learnt = true;",
    to: "if (key.learning || change?.before === undefined && key.running) key.learnt = false;",
  },
  {
    name: "a deletion wakes nobody",
    file: dependencies,
    from: "    const readers = new Set<K | QueryReader>();\n    this.#collect(readers, read.object(",
    to:
      "    if (change.after === undefined) return;\n    const readers = new Set<K | QueryReader>();\n    this.#collect(readers, read.object(",
  },
  {
    name: "an index value that an object enters wakes nobody",
    file: dependencies,
    from: "      this.#collect(readers, read.index(index.id, value));\n",
    to: "",
  },
  {
    name: "an index value that comes or goes wakes nobody",
    file: dependencies,
    from: "if (emptiness) this.#collect(readers, read.any(index.id, value));",
    to: "",
    hidden: true,
  },
  {
    name: "another answer of a shared query wakes nobody",
    file: dependencies,
    from: "    reader.value = value;\n    this.touched(reader.name);",
    to: "    reader.value = value;",
  },
  {
    name: "a fact that comes wakes nobody",
    file: runner,
    from: "new Facts(clock, (name) => this.#dependencies.touched(name), this.#random)",
    to: "new Facts(clock, () => {}, this.#random)",
  },
  {
    name: "a kind that comes or goes wakes nobody",
    file: dependencies,
    from: "    this.touched(read.state(store.kind.id));",
    to: '    if (store.state !== "synced") this.touched(read.state(store.kind.id));',
  },
  {
    name: "a change while a key's writes are in flight is forgotten",
    file: runner,
    from: "      key.woken = true;\n      return;",
    to: "      return;",
  },
  {
    name: "what has failed is not tried again",
    file: runner,
    from:
      "    this.#nextTryAt(key, this.#options.clock.monotonic() + requeueAfter(key.failures, this.#random()));",
    to: "",
  },
  {
    name: "what has failed is tried again at once, for ever",
    file: "lib/operator/apply/rate_limiter.ts",
    from: "export function requeueAfter(failures: number, random: number): number {",
    to:
      "export function requeueAfter(failures: number, random: number): number {\n  if (failures > 0) return 50;",
  },
  {
    name: "a moment that a pass waits for is forgotten",
    file: runner,
    from: "    if (at !== Infinity) this.#deadlines.set(key, at);",
    to: "",
  },
  {
    name: "a detail of a status is never written",
    file: assess,
    from: "  return isNamed || now < dueAt ? lookAt : { patch, status };",
    to: "  return isNamed || now < dueAt ? lookAt : Infinity;",
  },
  {
    name: "what is told to be done is not: the generation of an edit that waits",
    file: "lib/operator/status/status_changes.ts",
    from: "  if (held === undefined || claimed === held) return wanted;",
    to: "  if (held !== undefined) return wanted;",
  },
  {
    name: "nothing is removed",
    file: applier,
    from: "for (const removal of assessment.removals) {",
    to: "for (const removal of assessment.removals.slice(0, 0)) {",
  },
  {
    name: "an orphan is removed without proof that nobody uses it",
    file: childWriter,
    from: "      if (unless !== undefined) {",
    to: '      if (unless !== undefined && ref.name === "") {',
  },
  {
    name: "a deletion does not say what it looked at",
    file: childWriter,
    from: "await this.writer.delete(resource, ref.namespace, ref.name, preconditions);",
    to: "await this.writer.delete(resource, ref.namespace, ref.name, {} as typeof preconditions);",
  },
  {
    name: "a finalizer is never released",
    file: applier,
    from: 'return guarded ? "later" : await this.#release(subject, object, plan);',
    to: 'return guarded ? "later" : "done";',
  },
  {
    name: "a plan for an object is carried out over its edits",
    file: applier,
    from: "    return after?.uid !== before.uid || after.generation !== before.generation ||",
    to: "    return after?.uid !== before.uid ||",
  },
  {
    name: "writes go on without the lease",
    file: "lib/operator/operator.ts",
    from: "mayWrite: () => this.election === undefined || this.election.remaining() > requestTimeout",
    to: "mayWrite: () => true",
  },
  {
    name: "a store is read before it has synced",
    file: "lib/operator/runner/recording_view.ts",
    from: 'if (store.state === "syncing" || (',
    to: "if ((",
    hidden: true,
  },
  {
    name: "an older version comes in a newer one's place",
    file: store,
    from: "if (compareVersions(version, entry.object.metadata.resourceVersion) <= 0) return false;",
    to: "if (version === entry.object.metadata.resourceVersion) return false;",
  },
  {
    name: "what a new list lacks stays",
    file: store,
    from: "if (concerned && !listed.has(key)) this.#lacks(key, entry, 1 << selector, version);",
    to: "if (concerned && listed.has(`${key}?`)) this.#lacks(key, entry, 1 << selector, version);",
  },
  {
    name: "after a version is forgotten nothing is listed anew",
    file: "lib/kube/watch/watcher.ts",
    from: '  return "version" in state && !needsNewList(failure)',
    to: '  return "version" in state',
  },
  {
    name: "a kind that goes is not noticed",
    file: "lib/kube/watch/informer.ts",
    from: '    if (this.#state.phase !== "uninstalled") sink.uninstalled();',
    to: "",
  },
  {
    name: "the troubles of an endpoint's pods are none",
    file: "lib/operator/inspect/pods/predictor_pods.ts",
    from: "const troubles = newest.filter((pod) => !isReady(pod)).flatMap(",
    to: "const troubles = newest.slice(0, 0).flatMap(",
  },
  {
    name: "an endpoint's pods are fine whatever they are",
    file: service,
    from: "    ...(world.pods === undefined ? [] : [world.pods]),",
    to: "",
  },
  {
    name: "a service is Ready over a route that nobody accepts",
    file: service,
    from: "    ...(wish === undefined ? [] : [routeHealthOf(world, wish, view)]),",
    to: "",
  },
  {
    name: "a cache is Ready over an artifact that is not",
    file: "controllers/template_cache/status.ts",
    from: 'if (artifact === undefined || artifact.status === "Ready") continue;',
    to: 'if (artifact === undefined || artifact.status !== "") continue;',
  },
  {
    name: "an artifact is Ready over a volume that is not there",
    file: "controllers/artifact/reconcile.ts",
    from: "return [...faults, ...config, claimHealth(claim, view)];",
    to: "return [...faults, ...config];",
  },
  {
    name: "a service takes everybody's caches with it",
    file: "controllers/service/deletion.ts",
    from: "      .filter((cache) => !isReady(cache) && cache.metadata.deletionTimestamp === undefined)",
    to: "      .filter((cache) => cache.metadata.deletionTimestamp === undefined)",
  },
  {
    name: "an artifact that a user made goes when no cache needs it",
    file: "controllers/artifact/unused.ts",
    from: "if (!isMadeForAll(artifact) || isMounted(",
    to: "if (isMounted(",
  },
  {
    name: "a Dedicated cache belongs to nobody",
    file: "controllers/service/cache/template_cache.ts",
    from: "asChild(desired, context.parent, { owned: dedicated, ",
    to: "asChild(desired, context.parent, { owned: false, ",
  },
  {
    name: "an endpoint is made under a new name when the spec changes",
    file: "controllers/service/endpoint/names.ts",
    from: 'const names = inferenceServiceName(service.metadata.name, service.metadata.namespace ?? "");',
    to:
      'const names = inferenceServiceName(`${service.metadata.name}${service.metadata.generation}`, service.metadata.namespace ?? "");',
  },
  {
    name: "a route stays that is wanted no more",
    file: service,
    from: "    removals: removedRoute(world),",
    to: "    removals: [],",
  },
  {
    name: "somebody's edit of an endpoint stays",
    file: assess,
    from: "  if (!record.verdict.verdict.same) return false;",
    to: "  if (!record.verdict.verdict.same && record.agreed !== hash) return false;",
  },
];
