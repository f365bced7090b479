/** A cluster in this thread with the whole operator in it, in driven time: nothing of it is a stand-in of the operator's. */

import { crdOf } from "../../../lib/api/crd.ts";
import { kinds } from "../../../lib/api/mod.ts";
import type { Answering, Request } from "../../../lib/apiserver/request.ts";
import { DrivenClock } from "../../../lib/apiserver/clock.ts";
import type { Cluster } from "../../../lib/apiserver/cluster.ts";
import { ApiServer } from "../../../lib/apiserver/server.ts";
import { type JsonObject } from "../../../lib/apiserver/json.ts";
import type { BehaviourOf } from "../../../lib/surroundings/kubelet/behaviour.ts";
import { defaultStorageClass, neighbourDefinitions, neighboursOf } from "../../../lib/surroundings/mod.ts";
import type { Surroundings } from "../../../lib/surroundings/run.ts";
import { DrivenTime } from "../../../lib/cli/rehearsal/driven_time.ts";
import { Random } from "../random.ts";
import { PlayedRegistry } from "./played_registry.ts";
import { RunningOperator, Wire } from "./running_operator.ts";

/** Any object; what a test reads of it, it knows. */
// deno-lint-ignore no-explicit-any
export type AnyObject = Record<string, any>;

export const definitions: readonly AnyObject[] = [...kinds.map(crdOf), ...await neighbourDefinitions()];

export interface WholeClusterOptions {
  readonly behaviourOf?: BehaviourOf;
  /** Who answers the operator in the server's place. */
  readonly door?: (server: ApiServer, random: Random) => Answering;
  /** More calls than this in one moment count as a loop without an end. Default: the clock's. */
  readonly mostCalls?: number;
  /** One that has ended: begins a minute later with all that is in it, and without an operator. */
  readonly after?: WholeCluster;
}

/** When every simulation begins. */
const epoch = Date.parse("2026-01-01T00:00:00Z");

let installed: Cluster | undefined;

/** A cluster to which nothing has happened but that all was installed in it: that takes as long as half a history. */
function install(): Cluster {
  const clock = new DrivenClock(epoch);
  const random = new Random(0);
  const server = new ApiServer({ clock, random: () => random.next() });
  const neighbours = neighboursOf(server);
  ask(server, "POST", "/apis/storage.k8s.io/v1/storageclasses", defaultStorageClass);
  for (const definition of definitions) {
    ask(server, "POST", "/apis/apiextensions.k8s.io/v1/customresourcedefinitions", definition);
  }
  clock.advance(0);
  neighbours.settle();
  clock.advance(0);
  neighbours.stop();
  return server.cluster;
}

function ask(
  server: ApiServer,
  method: string,
  path: string,
  body?: object,
  contentType = "application/json",
): AnyObject {
  const [plain, query] = path.split("?");
  const answer = server.handle({
    method,
    path: plain,
    query: new URLSearchParams(query),
    body: body as JsonObject,
    contentType,
    userAgent: "kubectl",
  });
  if ("body" in answer && answer.code < 400) return answer.body as AnyObject;
  const said = "body" in answer ? (answer.body as AnyObject).message : "text" in answer ? answer.text : "";
  throw new Error(`${method} ${path}: ${said}`);
}

export class WholeCluster implements Disposable {
  readonly random: Random;
  readonly time: DrivenTime;
  readonly server: ApiServer;
  readonly registry = new PlayedRegistry("registry.example.com");
  /** What the neighbours did wrong. */
  readonly faults: unknown[] = [];
  /** Every write of an operator but for its leases, with the code of its answer and the driven moment of it, in milliseconds. */
  readonly written: { readonly request: Request; readonly code: number | undefined; readonly at: number }[] =
    [];
  readonly operators: RunningOperator[] = [];
  readonly #neighbours: Surroundings;
  readonly #door: Answering;
  #started = 0;

  constructor(seed: number, options: WholeClusterOptions = {}) {
    this.random = new Random(seed);
    const random = () => this.random.next();
    const { after } = options;
    const start = after === undefined ? epoch : after.time.clock.now() + 60_000;
    this.time = new DrivenTime(random, start, options.mostCalls);
    const { clock } = this.time;
    const like = after?.server.cluster ?? (installed ??= install());
    this.server = new ApiServer({ clock, random, token: "simulated", like });
    let settles = false;
    this.#neighbours = neighboursOf(this.server, {
      behaviourOf: options.behaviourOf,
      failed: (error) => this.faults.push(error),
      queued: () => {
        if (settles) return;
        settles = true;
        clock.after(0, () => {
          settles = false;
          this.#neighbours.settle();
        });
      },
    });
    this.#door = options.door?.(this.server, this.random) ?? this.server;
    clock.advance(0); // so that the neighbours have seen what is there
  }

  /** Starts another process of the operator. @param namespaces where its rights end (scoped mode) */
  start(namespaces?: readonly string[]): RunningOperator {
    const wire = new Wire(
      this.#door,
      (request, code) => {
        if (request.path.includes("/leases")) return;
        this.written.push({ request, code, at: this.time.clock.now() });
      },
    );
    const operator = new RunningOperator(wire, {
      identity: `operator-${++this.#started}`,
      namespaces,
      registry: { fetch: this.registry.fetch, own: () => Promise.resolve([]) },
    });
    this.operators.push(operator);
    return operator;
  }

  /** What the server answers to somebody else than the operator; throws what it refuses. */
  ask(method: string, path: string, body?: object, contentType = "application/json"): AnyObject {
    return ask(this.server, method, path, body, contentType);
  }

  /** All objects of all kinds, as one text. */
  state(): string {
    const { kinds, store } = this.server.cluster;
    return kinds.all().flatMap((kind) => this.server.cluster.list(kind)).map((it) => JSON.stringify(it)).join(
      "\n",
    ) + `\n${store.version}`;
  }

  [Symbol.dispose](): void {
    for (const operator of this.operators) operator.kill();
    this.#neighbours.stop();
    this.time[Symbol.dispose]();
  }
}
