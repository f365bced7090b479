import type { CachedKind } from "../../../lib/kube/cache/cached_kind.ts";
import { keyOf, type KubeObject, type Live } from "../../../lib/kube/object.ts";
import { ClusterCache } from "../../../lib/operator/core/cluster_cache.ts";
import type { FactSource } from "../../../lib/operator/runner/facts.ts";
import type { Pass as ToldPass } from "../../../lib/operator/core/pass.ts";
import type { Plan } from "../../../lib/operator/core/plan.ts";
import type { AnyController } from "../../../lib/operator/core/controller.ts";
import { Runner, type RunnerHooks } from "../../../lib/operator/runner/runner.ts";
import type { View } from "../../../lib/operator/core/view.ts";
import { logOf } from "../../../lib/process/reporting.ts";
import type { WriteGate } from "../../../lib/operator/apply/writer.ts";
import type { SimulatedApiServer } from "./simulated_api_server.ts";
import type { ManualClock } from "../../../lib/operator/core/clock_fixture.ts";
import { ProcessClock } from "./process_clock.ts";
import { SimulatedStream } from "./simulated_stream.ts";
import { SimulatedWriter } from "./simulated_writer.ts";

/** A fact that the process is fetching. */
export interface Fetch {
  readonly name: string;
  readonly key: string;
  settle(value: unknown): void;
  fail(error: Error): void;
}

/** What a program is made of, as far as a simulation must know. */
export interface Program {
  readonly kinds: readonly CachedKind<KubeObject>[];
  readonly controllers: readonly AnyController[];
  /** The facts that reconciles ask for; `fetch` is replaced by the simulation's. */
  readonly facts: readonly Omit<FactSource<never, unknown>, "fetch">[];
}

/** The last pass of a key. */
export interface Pass {
  readonly controller: AnyController;
  readonly object: Live<KubeObject>;
  readonly plan: Plan<object>;
}

/** One run of the program, from start to crash: its cache, its streams, its runner, its requests. */
export class SimulatedProcess {
  readonly cache: ClusterCache;
  readonly runner: Runner;
  readonly writer: SimulatedWriter;
  readonly streams: SimulatedStream[] = [];
  readonly fetches: Fetch[] = [];
  /** The last pass of each key that has run, by `controller|namespace/name`. */
  readonly passes = new Map<string, Pass>();
  /** Names of the keys that ran, in order, one for each pass. */
  readonly ran: string[] = [];
  readonly crashes: string[] = [];
  readonly missedWakeups: string[] = [];
  /** What the operator's log would say, by level. */
  readonly log = { debug: [] as string[], info: [] as string[], error: [] as string[] };
  readonly #clock: ProcessClock;

  constructor(
    readonly program: Program,
    server: SimulatedApiServer,
    clock: ManualClock,
    gate: WriteGate,
    random: () => number,
  ) {
    this.#clock = new ProcessClock(clock);
    this.cache = new ClusterCache(program.kinds);
    this.writer = new SimulatedWriter(server, gate);
    this.runner = new Runner({
      cache: this.cache,
      controllers: program.controllers.map((each) => this.#observed(each)),
      writer: this.writer,
      gate,
      clock: this.#clock,
      hooks: this.#hooks(),
      random,
    });
    for (const source of program.facts) {
      this.runner.facts.provide({
        ...source,
        fetch: (arg: never, signal) => this.#fetch(source.fact.name, source.fact.keyOf(arg), signal),
      });
    }
    for (const kind of program.kinds) {
      const store = this.cache.store(kind);
      kind.selectors.forEach((_, i) =>
        this.streams.push(new SimulatedStream(server, kind, i, store.sink(i)))
      );
    }
  }

  /** Stops at once, wherever it is: no answer reaches it and no timer of its fires any more. */
  kill(): void {
    this.#clock.kill();
  }

  #observed(controller: AnyController): AnyController {
    return {
      name: controller.name,
      kind: controller.kind,
      reconcile: (object: Live<KubeObject>, view: View) => {
        const name = `${controller.name}|${keyOf(object.metadata.namespace, object.metadata.name)}`;
        this.ran.push(name);
        const plan = controller.reconcile(object, view);
        this.passes.set(name, { controller, object, plan });
        return plan;
      },
    };
  }

  #hooks(): RunnerHooks {
    const { log } = this;
    const logger = Object.fromEntries(
      (["debug", "info", "error"] as const).map((level) => [
        level,
        (message: string, fields: object | (() => object)) =>
          log[level].push(`${message} ${JSON.stringify(typeof fields === "function" ? fields() : fields)}`),
      ]),
    );
    const told = logOf(logger as never);
    return {
      ...told.hooks,
      note: (pass, _object, note) => told.onNote!(pass, note),
      crashed: (pass, error) => {
        this.crashes.push(`${keyText(pass)}: ${error instanceof Error ? error.stack : error}`);
      },
      missedWakeup: (pass, what) => {
        this.missedWakeups.push(`${keyText(pass)}: ${what}`);
      },
    };
  }

  #fetch(name: string, key: string, signal: AbortSignal): Promise<unknown> {
    return new Promise((resolve, reject) => {
      const done = () => {
        const at = this.fetches.indexOf(fetch);
        if (at >= 0) this.fetches.splice(at, 1);
      };
      const fetch: Fetch = {
        name,
        key,
        settle: (value) => (done(), resolve(value)),
        fail: (error) => (done(), reject(error)),
      };
      signal.addEventListener("abort", () => fetch.fail(signal.reason as Error));
      this.fetches.push(fetch);
    });
  }
}

/** `service|ns/name`. */
function keyText({ controllerName, namespace = "", name }: ToldPass): string {
  return `${controllerName}|${keyOf(namespace, name)}`;
}
