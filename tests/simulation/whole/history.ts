/** One history: what happens to the whole operator and its cluster, and how it ends when all is mended again. */

import type { Answering, Request } from "../../../lib/apiserver/request.ts";
import { type JsonObject, thawed } from "../../../lib/apiserver/json.ts";
import { targetOf } from "../../../lib/apiserver/request.ts";
import { type Troubles, UnkindServer } from "../../../lib/apiserver/unkindness.ts";
import { equalJson } from "../../../lib/kube/json/equal.ts";
import type { Behaviour, BoundPod } from "../../../lib/surroundings/kubelet/behaviour.ts";
import { defaultStorageClass, defaultStorageClassName } from "../../../lib/surroundings/mod.ts";
import { aimLabels } from "../../catalogue/aim_image.ts";
import { profileOf } from "../../node_agent/discovery_images.ts";
import { type Action, type Fate, missingClass, type Work } from "./actions.ts";
import { leasePath } from "./running_operator.ts";
import { Uses } from "./uses.ts";
import { type AnyObject, definitions, WholeCluster } from "./whole_cluster.ts";
import {
  aimPlurals,
  everything,
  namespace,
  pathOf,
  type Plural,
  pushImages,
  resourceOf,
  type Wanted,
} from "./users_objects.ts";

export const hold = "example.com/hold";
const definitionsPath = "/apis/apiextensions.k8s.io/v1/customresourcedefinitions";
/** Longer than any wait for a next try of what has failed a few times. */
const longestSettling = 4 * 3_600_000;
/** Longer than the backoff of a key after failed writes, and than a lease. */
const stillness = 6 * 60_000;
/** Longer than the operator takes to answer a change while no request of its own fails. */
const calmWork = 2 * 60_000;
/** More writes than any history needs: nobody waits for the end of what writes so much. */
const endless = 5_000;
/** So often may one object be asked for within this time. */
const mostMakings = 10;
const makingWindow = 60_000;

export type HistoryOptions = {
  /** Of what users want, what is not there from the beginning. */
  readonly absent?: readonly Wanted[];
  readonly after?: undefined;
} | {
  readonly absent?: undefined;
  /** One that has ended, and to which nothing has happened: begins with all that is there then. */
  readonly after: History;
};

export class History implements Disposable {
  readonly cluster: WholeCluster;
  readonly #violations: string[] = [];
  /** UIDs of what users made. */
  readonly #users = new Set<string>();
  /** UIDs of what somebody took its owners or labels from: whose it is cannot be told any more. */
  readonly robbed = new Set<string>();
  /** The generation of each of the users' objects that was mended, by UID. */
  readonly #restored = new Map<string, number | undefined>();
  readonly #fates = new Map<Work, Fate>();
  /** When an object of a name was to be made. */
  readonly #made = new Map<string, number[]>();
  readonly #uses: Uses;
  readonly #troubles: { -readonly [K in keyof Troubles]: Troubles[K] } = {};

  constructor(seed: number, { absent = [], after }: HistoryOptions = {}) {
    this.cluster = new WholeCluster(seed, {
      mostCalls: 50_000,
      after: after?.cluster,
      behaviourOf: (pod) => this.#behaviourOf(pod),
      door: (server, random) => {
        const unkind = new UnkindServer(server, this.#troubles, () => random.next());
        return { handle: (request) => this.#guarded(request, unkind) };
      },
    });
    this.#uses = new Uses(this.cluster);
    pushImages(this.cluster.registry);
    if (after === undefined) this.#begin(absent);
    else {
      for (const uid of after.#users) this.#users.add(uid);
      // As an operator writes that ends in peace.
      const spec = { holderIdentity: "", leaseDurationSeconds: 1 };
      this.cluster.ask("PATCH", leasePath, { spec }, "application/merge-patch+json");
    }
    this.#tend();
  }

  /** What must never happen, and did until now. */
  get violations(): readonly string[] {
    return [...this.#violations, ...this.cluster.operators.flatMap(({ faults }) => faults)];
  }

  #begin(absent: readonly Wanted[]): void {
    for (const name of [namespace, "aim-system"]) {
      this.#try("POST", "/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    for (const each of everything) if (!absent.includes(each)) this.#make(each);
  }

  async play(actions: readonly Action[]): Promise<void> {
    for (const action of actions) {
      await this.cluster.time.pass(action.wait);
      this.#do(action);
    }
  }

  /** Lets the operator come to rest without mending anything, so that what it says can be judged. */
  async rest(): Promise<void> {
    const troubles = { ...this.#troubles };
    this.#trouble({});
    await this.cluster.time.pass(stillness);
    this.#trouble(troubles);
  }

  /**
   * Everything is mended, users have again what they want, but for some of it, and all comes to rest.
   *
   * @param unwanted what users delete for good
   * @param isFine whether it has all become as it should be; if not, the end is waited for in vain
   */
  async settle(unwanted: readonly Wanted[], isFine: () => boolean): Promise<void> {
    this.#trouble({});
    this.#fates.clear();
    this.cluster.registry.mood = "well";
    for (let round = 0; round < 12; round++) {
      this.#letGo();
      for (const what of ["inferenceservices", "httproutes", "storageclass"] as const) this.#install(what);
      this.#replacePods();
      this.#dropUnclassed();
      this.#dropFormerModels();
      for (const each of everything) {
        if (!unwanted.includes(each)) this.#restore(each);
        else if (this.get(each.plural, each.name) !== undefined) {
          this.#try("DELETE", `${pathOf(each.plural)}/${each.name}`);
        }
      }
      await this.cluster.time.pass(5_000);
    }
    await this.#pass(longestSettling, isFine);
    // What a service once chose it keeps, unless it is asked to choose anew.
    const annotations = { "aim.eai.amd.com/force-rebind": String(this.cluster.time.clock.now()) };
    for (const { metadata } of this.list("aimservices")) {
      this.#try("PATCH", `${pathOf("aimservices")}/${metadata.name}`, { metadata: { annotations } });
    }
    await this.#stillness();
    if (isFine()) return;
    await this.#pass(longestSettling, isFine);
    await this.#stillness();
  }

  /** A user takes the route from a service that works. */
  async unroute(name: string): Promise<void> {
    this.#try("PATCH", `${pathOf("aimservices")}/${name}`, { spec: { routing: null } });
    await this.cluster.time.pass(calmWork);
  }

  /** The volume behind each claim is gone, as after the loss of a disk. */
  async loseVolumes(): Promise<void> {
    const volumes = "/api/v1/persistentvolumes";
    for (const { metadata } of this.cluster.server.cluster.store.list("persistentvolumes")) {
      // Its claim protects it, and whoever loses a disk is not asked.
      this.#try("PATCH", `${volumes}/${metadata.name}`, { metadata: { finalizers: null } });
      this.#try("DELETE", `${volumes}/${metadata.name}`);
    }
    await this.cluster.time.pass(calmWork);
  }

  /** A source finds many images, and wants one when the first models of them are made. @returns how many are made */
  async narrow(): Promise<number> {
    const source = `${pathOf("aimclustermodelsources")}/src`;
    const many = (images: string, maxModels: number) => ({
      spec: { filters: [{ image: images }], maxModels },
    });
    const { registry, time } = this.cluster;
    for (let n = 0; n < 20; n++) registry.push(`many/x${n}`, "1", aimLabels(`many/x${n}`, []));
    const before = this.list("aimclustermodels").length;
    const made = () => this.list("aimclustermodels").length - before;
    this.answerLate(1_000);
    this.#try("PATCH", source, many("many/*", 20));
    for (let passed = 0; passed < stillness && made() === 0; passed += 10) await time.pass(10);
    this.#try("PATCH", source, many("team/x:1", 1));
    await time.pass(60_000);
    this.answerLate(0);
    return made();
  }

  /** The next answers come late, each by as much as it happens. */
  answerLate(milliseconds: number): void {
    this.#trouble({ late: milliseconds });
  }

  /** Lets time pass until nothing has been written for longer than anybody waits for a next try. It must come to that. */
  async #stillness(): Promise<void> {
    const { clock } = this.cluster.time;
    let [writes, since] = [this.cluster.written.length, clock.now()];
    await this.#pass(longestSettling, () => {
      if (this.cluster.written.length !== writes) {
        [writes, since] = [this.cluster.written.length, clock.now()];
      }
      return clock.now() - since >= stillness;
    });
    if (this.cluster.written.length !== writes || clock.now() - since < stillness) {
      this.#violations.push("what is written at rest has no end");
    }
  }

  /** @param until looked at now and then, since it costs more than a moment does */
  async #pass(longest: number, until: () => boolean): Promise<void> {
    const { written, time } = this.cluster;
    for (let passed = 0; passed < longest && written.length < endless && !until(); passed += 30_000) {
      await time.pass(30_000);
    }
  }

  /** All objects of a kind, in its order. */
  list(plural: Plural): AnyObject[] {
    return this.cluster.server.cluster.store.list(resourceOf(plural)) as AnyObject[];
  }

  get(plural: Plural, name: string, inside: string | undefined = namespace): AnyObject | undefined {
    const { store } = this.cluster.server.cluster;
    return store.get(resourceOf(plural), pathOf(plural).includes("/namespaces/") ? inside : undefined, name);
  }

  /** Whether a user made it. */
  isUsers({ metadata }: AnyObject): boolean {
    return this.#users.has(metadata.uid);
  }

  [Symbol.dispose](): void {
    this.cluster[Symbol.dispose]();
  }

  #do(action: Action): void {
    const { clock } = this.cluster.time;
    const [leader] = this.cluster.operators;
    switch (action.do) {
      case "make":
        return this.#make(everything[action.which]);
      case "delete":
        return this.#onNth(action.plural, action.nth, (path) => this.#try("DELETE", path));
      case "edit":
        return this.#edit(action);
      case "hold":
        return this.#onNth(action.plural, action.nth, (path, { metadata }) => {
          const finalizers = [...metadata.finalizers ?? [], hold];
          this.#try("PATCH", path, { metadata: { finalizers } });
        });
      case "fate":
        return void this.#fates.set(action.work, action.fate);
      case "registry":
        this.cluster.registry.mood = action.mood;
        return;
      case "install":
        return this.#install(action.what);
      case "uninstall":
        return this.#uninstall(action.what);
      case "troubles":
        return this.#trouble(action.troubles);
      case "crash":
        if (action.after === 0) leader?.kill();
        else if (leader !== undefined) leader.wire.lastWrite = leader.wire.writes + action.after;
        return;
      case "terminate":
        return leader?.stop();
      case "stall":
        this.#uses.lateUntil = clock.now() + 2 * action.milliseconds;
        return leader?.wire.stall(new Promise((resolve) => clock.after(action.milliseconds, resolve)));
      case "second":
        if (this.cluster.operators.length < 2) this.cluster.start();
    }
  }

  /** As the Deployment does: an operator that has ended is replaced, within some seconds. */
  #tend(): void {
    const { operators, time } = this.cluster;
    for (const operator of [...operators]) {
      if (operator.ended === undefined && operator.wire.open) continue;
      this.#violations.push(...operator.faults);
      operator.kill();
      operators.splice(operators.indexOf(operator), 1);
    }
    if (operators.length === 0) this.cluster.start();
    time.clock.after(5_000, () => this.#tend());
  }

  #trouble(troubles: Troubles): void {
    for (const key of Object.keys(this.#troubles)) delete this.#troubles[key as keyof Troubles];
    Object.assign(this.#troubles, troubles);
  }

  /** What the operator asks for must leave the users' own alone. */
  #guarded(request: Request, door: Answering) {
    if (request.method === "GET") return door.handle(request);
    const target = targetOf(request.path)!;
    const { store } = this.cluster.server.cluster;
    const resource = target.group === "" ? target.plural : `${target.plural}.${target.group}`;
    const look = () =>
      target.name === undefined ? undefined : store.get(resource, target.namespace, target.name);
    const before = look();
    this.#judge(request, resource, before);
    const answer = door.handle(request);
    if (before === undefined) this.#judgeMade(target.plural, request);
    if (before === undefined || !this.#users.has(before.metadata.uid)) return answer;
    // An unready Shared cache goes with its last user, whoever made it (spec/README).
    const shared = target.plural === "aimtemplatecaches" && (before.status as AnyObject)?.status !== "Ready";
    if (request.method === "DELETE" && !shared) {
      this.#violations.push(`the user's ${request.path} was deleted`);
    }
    if (!equalJson(before.spec, look()?.spec ?? before.spec)) {
      this.#violations.push(`the spec of the user's ${request.path} was changed`);
    }
    return answer;
  }

  /** What must hold of a write whatever becomes of it. */
  #judge({ method, path, body }: Request, resource: string, before: AnyObject | undefined): void {
    if (method === "POST" || method === "PATCH" && before === undefined) this.#judgeMaking(path, body);
    if (method !== "DELETE") return;
    const { uid, resourceVersion } = (body as AnyObject | undefined)?.preconditions ?? {};
    if (!uid || !resourceVersion) this.#violations.push(`DELETE ${path} does not say what it looked at`);
    if (before === undefined || before.metadata.uid !== uid) return;
    const user = this.#uses.of(resource, before);
    if (user !== undefined) this.#violations.push(`${path} was deleted, which ${user} uses`);
  }

  /** Whoever dies after any write leaves nothing behind that nobody would ever remove. */
  #judgeMade(plural: string, { path, body }: Request): void {
    const { kind, metadata, spec } = (body ?? {}) as AnyObject;
    const owned = ["inferenceservices", "httproutes", "jobs"].includes(plural) ||
      plural === "aimtemplatecaches" && spec?.mode === "Dedicated";
    if (!owned || kind === undefined || metadata.ownerReferences !== undefined) return;
    this.#violations.push(`${path} ${metadata.name} was to be made for nobody`);
  }

  /** What comes and goes is not made again and again. */
  #judgeMaking(path: string, body: unknown): void {
    const name = (body as AnyObject | undefined)?.metadata?.name ?? "";
    if (path.includes("/leases") || path.includes("/events")) return;
    const now = this.cluster.time.clock.now();
    const made = (this.#made.get(`${path} ${name}`) ?? []).filter((at) => now - at < makingWindow);
    this.#made.set(`${path} ${name}`, [...made, now]);
    if (made.length === mostMakings) {
      this.#violations.push(`${path} ${name} was made ${made.length} times in a minute`);
    }
  }

  #behaviourOf(pod: BoundPod): Behaviour | undefined {
    const container = pod.spec!.containers.at(0);
    if (container === undefined) return undefined;
    const work = container.name === "discovery"
      ? "discovery"
      : pod.metadata?.ownerReferences?.some(({ kind }) => kind === "Job")
      ? "download"
      : "serving";
    const environment = Object.fromEntries(
      (container.env ?? []).map(({ name, value = "" }) => [name, value]),
    );
    const model = `org/${container.image?.match(/\/(\w+):/)?.[1]}`;
    const log = work === "discovery" ? profileOf(environment, model, 2) : undefined;
    const ends = work === "serving" ? "crash" : "run";
    switch (this.#fates.get(work) ?? "well") {
      case "well":
        return work === "serving" ? { does: "serve" } : { does: "run", milliseconds: 2_000, log };
      case "babble":
        return work === "discovery"
          ? { does: "run", log: "hello" }
          : { does: ends, exitCode: 1, log: "hello" };
      case "fail":
        return { does: ends, exitCode: 1, milliseconds: 1_000 };
      case "out of memory":
        return { does: ends, outOfMemory: true, milliseconds: 1_000 };
      case "unpullable":
        return { does: "fail to pull", message: "manifest unknown" };
      case "never start":
        return { does: "never start" };
      case "hang":
        return { does: "never start", reason: "ContainerCreating", message: "the volume is not mounted" };
    }
  }

  #make({ plural, object }: Wanted): void {
    const made = this.#try("POST", pathOf(plural), object);
    if (made !== undefined) this.#users.add(made.metadata.uid);
  }

  #edit({ plural, of, patch }: Action & { do: "edit" }): void {
    if (typeof of === "string") return void this.#try("PATCH", `${pathOf(plural)}/${of}`, patch);
    this.#onNth(plural, of, (path, { metadata }) => {
      const touched = (patch as AnyObject).metadata;
      if (touched?.ownerReferences === null || touched?.labels || touched?.finalizers === null) {
        this.robbed.add(metadata.uid);
      }
      this.#try("PATCH", path, patch);
    });
  }

  #onNth(plural: Plural, nth: number, then: (path: string, object: AnyObject) => void): void {
    const all = this.list(plural).filter(({ metadata }) => (metadata.namespace ?? namespace) === namespace);
    if (all.length === 0) return;
    const object = all[nth % all.length];
    then(`${pathOf(plural)}/${object.metadata.name}`, object);
  }

  /** Whether the cluster has a kind of others, or the class of volumes that is the default. */
  isInstalled(what: (Action & { do: "install" })["what"]): boolean {
    if (what === "storageclass") return this.get("storageclasses", defaultStorageClassName) !== undefined;
    const { store } = this.cluster.server.cluster;
    return store.get("customresourcedefinitions.apiextensions.k8s.io", undefined, resourceOf(what)) !==
      undefined;
  }

  #install(what: (Action & { do: "install" })["what"]): void {
    if (this.isInstalled(what)) return;
    if (what === "storageclass") return void this.#try("POST", pathOf("storageclasses"), defaultStorageClass);
    const definition = definitions.find(({ spec }) => spec.names.plural === what)!;
    this.#try("POST", definitionsPath, definition);
  }

  #uninstall(what: (Action & { do: "uninstall" })["what"]): void {
    if (what !== "storageclass") return void this.#try("DELETE", `${definitionsPath}/${resourceOf(what)}`);
    this.#try("DELETE", `${pathOf("storageclasses")}/${defaultStorageClassName}`);
  }

  /** What other people's finalizers hold is let go. */
  #letGo(): void {
    for (
      const plural of [
        ...aimPlurals,
        "inferenceservices",
        "httproutes",
        "persistentvolumeclaims",
        "pods",
        "jobs",
      ] as Plural[]
    ) {
      for (const { metadata } of this.list(plural)) {
        if (!metadata.finalizers?.includes(hold)) continue;
        const finalizers = metadata.finalizers.filter((each: string) => each !== hold);
        this.#try(
          "PATCH",
          `${pathOf(plural).replace(`/${namespace}/`, `/${metadata.namespace}/`)}/${metadata.name}`,
          {
            metadata: { finalizers },
          },
        );
      }
    }
  }

  /** What users have to do: an artifact keeps the class that it was made with, also one that there is not. */
  #dropUnclassed(): void {
    for (const { metadata, spec } of this.list("aimartifacts")) {
      if (spec.storageClassName === missingClass) {
        this.#try("DELETE", `${pathOf("aimartifacts")}/${metadata.name}`);
      }
    }
  }

  /** A model that was made for a service keeps the environment that the service had then (services.md §4). */
  #dropFormerModels(): void {
    for (const model of this.list("aimmodels")) {
      if (this.isUsers(model) || model.spec.env === undefined) continue;
      this.#try("DELETE", `${pathOf("aimmodels")}/${model.metadata.name}`);
    }
  }

  /** What users have to do: a played container that crashed never starts again, and a claim that goes waits for its pods. */
  #replacePods(): void {
    const going = new Set(
      this.list("persistentvolumeclaims").filter(({ metadata }) => metadata.deletionTimestamp !== undefined)
        .map(({ metadata }) => metadata.name),
    );
    for (const { metadata, status, spec } of this.list("pods")) {
      const crashed = status?.containerStatuses?.some(({ restartCount }: AnyObject) => restartCount > 0);
      const stands = spec.volumes?.some((volume: AnyObject) =>
        going.has(volume.persistentVolumeClaim?.claimName)
      );
      if (crashed || stands) this.#try("DELETE", `${pathOf("pods")}/${metadata.name}`);
    }
  }

  /** What a user wants stands there as wanted, with the operator's own marks on it. */
  #restore(wanted: Wanted): void {
    const there = this.get(wanted.plural, wanted.name);
    if (there === undefined) return this.#make(wanted);
    if (there.metadata.deletionTimestamp !== undefined) return;
    const own = (name: string) =>
      name.startsWith("aim.eai.amd.com/") && !name.endsWith("reconciliation-paused");
    const { labels = {} } = wanted.object.metadata as { labels?: object };
    const annotations = Object.fromEntries(
      Object.entries((there.metadata.annotations ?? {}) as object).filter(([name]) => own(name)),
    );
    const metadata = { ...there.metadata, labels, annotations };
    if (wanted.plural === "nodes") metadata.labels = (wanted.object.metadata as AnyObject).labels;
    const next = { ...there, metadata, spec: wanted.object.spec ?? there.spec };
    const { uid, generation } = there.metadata;
    if (this.#restored.has(uid) && this.#restored.get(uid) === generation) return;
    const mended = this.#try("PUT", `${pathOf(wanted.plural)}/${wanted.name}`, thawed(next as JsonObject));
    this.#restored.set(uid, mended?.metadata.generation);
  }

  /** What a user asks for; a refusal is the user's business. */
  #try(method: string, path: string, body?: object): AnyObject | undefined {
    const type = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    try {
      return this.cluster.ask(method, path, body, type);
    } catch {
      return undefined;
    }
  }
}
