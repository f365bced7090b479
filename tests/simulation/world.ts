/**
 * A cluster with one program in it, moved step by step by seeded choices: what arrives when, what fails,
 * what somebody else changes, when the program dies. At the end {@link World.settle} lets everything arrive.
 */

import assert from "node:assert/strict";
import { SimulatedApiServer } from "./process/simulated_api_server.ts";
import { ManualClock } from "../../lib/operator/core/clock_fixture.ts";
import { type Program, SimulatedProcess } from "./process/simulated_process.ts";
import type { SimulatedStream } from "./process/simulated_stream.ts";
import type { Fault, Request } from "./process/simulated_writer.ts";
import { Random } from "./random.ts";
import { promisesSettled, Turns } from "./turns.ts";

/** A program and the world that it is for. */
export interface Scenario {
  readonly program: Program;
  /** Makes what is there at first. */
  readonly begin: (world: World) => void;
  /** One change by somebody else. */
  readonly mutate: (world: World, random: Random) => void;
  /** What other controllers of the cluster do; returns whether they did anything. */
  readonly others: (world: World) => boolean;
  /** What a fact is now. Throws if the outside does not answer. */
  readonly fact: (world: World, name: string, key: string) => unknown;
  /** Ends outages that a mutation has begun, before the end is judged. */
  readonly heal?: (world: World) => void;
}

/** How often each kind of thing happens in a history. */
export interface Weather {
  readonly deliver: number;
  readonly repeat: number;
  readonly relist: number;
  readonly turn: number;
  readonly execute: number;
  readonly answer: number;
  readonly fetch: number;
  readonly wait: number;
  readonly mutate: number;
  readonly others: number;
  readonly crash: number;
  readonly lease: number;
  /** How many of 100 requests or fetches go wrong. */
  readonly faults: number;
}

export const storm: Weather = {
  deliver: 30,
  repeat: 3,
  relist: 3,
  turn: 30,
  execute: 25,
  answer: 25,
  fetch: 6,
  wait: 6,
  mutate: 12,
  others: 6,
  crash: 0.4,
  lease: 1,
  faults: 15,
};

/** What keeps a world from settling. */
export interface Stop {
  /** It ends after so many writes of this process. */
  readonly writes?: number;
  /** Whether the last of them has been answered. */
  readonly answered?: boolean;
  /** A stream that says nothing. */
  readonly silent?: SimulatedStream;
}

/** Writes that a settling world may take, and five for each object; more is a quarrel without end. */
const settlingWrites = 3_000;
/** Nothing is written for this long before the world counts as settled: longer than any backoff or pause. */
const calm = 7 * 60_000;

export class World {
  readonly clock = new ManualClock();
  readonly server: SimulatedApiServer;
  readonly random: Random;
  process: SimulatedProcess;
  /** Whether the program holds the lease. */
  leads = true;
  /** Whether passes may throw: in a scenario whose controllers do. */
  mayCrash = false;
  /** Whether requests of a dead process may still land; else they have landed, or are lost, when it dies. */
  lateLanding = true;
  /** Whatever else a scenario must remember: outages, prices. */
  readonly memory = new Map<string, unknown>();
  /** What happened, for a failure's message. */
  readonly log: string[] = [];
  /** Writes that reached the server from this and earlier processes. */
  get writes(): number {
    return this.#earlierWrites + this.process.writer.written.length;
  }
  #earlierWrites = 0;
  #orphans: Request[] = [];

  constructor(readonly scenario: Scenario, seed: number, private readonly turns: Turns) {
    this.random = new Random(seed);
    const resources = scenario.program.kinds.map(({ resource }) => resource);
    this.server = new SimulatedApiServer(resources, this.clock);
    scenario.begin(this);
    this.process = this.#start();
  }

  /** The program dies, wherever it is, and is started again. Requests on their way may still land. */
  async restart(): Promise<void> {
    this.say("crash");
    this.process.kill();
    const sent = this.process.writer.waiting.filter(({ executed, writes }) => !executed && writes);
    if (this.lateLanding) this.#orphans.push(...sent);
    else for (const request of sent) if (this.random.chance(0.5)) request.execute("none");
    this.#earlierWrites = this.writes;
    this.turns.forget();
    this.leads = true;
    this.process = this.#start();
    await promisesSettled();
  }

  #start(): SimulatedProcess {
    const gate = { mayWrite: () => this.leads };
    const { program } = this.scenario;
    const process = new SimulatedProcess(program, this.server, this.clock, gate, () => this.random.next());
    process.runner.start();
    return process;
  }

  say(text: string): void {
    this.log.push(`${this.clock.now() % 1e9} ${text}`);
  }

  /** So many steps of a history. */
  async live(steps: number, weather: Weather): Promise<void> {
    for (let i = 0; i < steps; i++) await this.step(weather);
  }

  async step(weather: Weather): Promise<void> {
    const { random, scenario, process } = this;
    const act = random.weighted<() => void | Promise<void>>([
      [weather.deliver, () => this.#stream("deliver")],
      [weather.repeat, () => this.#stream("repeat")],
      [weather.relist, () => this.#stream("relist")],
      [weather.turn, () => this.turns.run()],
      [weather.execute, () => this.#execute(weather.faults / 100)],
      [weather.answer, () => this.#answer()],
      [weather.fetch, () => this.#settleFetch(weather.faults / 100)],
      [weather.wait, () => this.#wait()],
      [weather.mutate, () => scenario.mutate(this, random)],
      [weather.others, () => {
        this.server.collectGarbage();
        scenario.others(this);
      }],
      [weather.crash, () => this.restart()],
      [weather.lease, () => {
        this.leads = !this.leads;
        this.say(this.leads ? "lease regained" : "lease in doubt");
        if (!this.leads) return;
      }],
    ]);
    await act();
    await promisesSettled();
    this.#assertHealthy(process);
  }

  #assertHealthy({ crashes, writer }: SimulatedProcess): void {
    if (!this.mayCrash) assert.deepEqual(crashes, [], "a pass threw");
    assert.deepEqual(writer.violations, [], "a write that should not have been made");
  }

  #stream(what: "deliver" | "repeat" | "relist"): void {
    const { streams } = this.process;
    const lagging = streams.filter(({ lags }) => lags);
    const stream = this.random.pick(what === "deliver" && lagging.length > 0 ? lagging : streams);
    if (what === "deliver") stream.deliver(1 + this.random.below(3));
    else if (what === "repeat") stream.repeat();
    else stream.relist(this.server.version - this.random.below(4));
  }

  #execute(faults: number): void {
    const waiting = [...this.process.writer.waiting, ...this.#orphans].filter(({ executed }) => !executed);
    if (waiting.length === 0) return;
    const request = this.random.pick(waiting);
    const fault = this.random.chance(faults)
      ? this.random.pick<Fault>(["refused", "answerLost", "answerLost", "serverError", "tooMany"])
      : "none";
    this.say(`${request.text} (${fault})`);
    request.execute(fault);
    this.#orphans = this.#orphans.filter((each) => each !== request);
  }

  #answer(): void {
    const executed = this.process.writer.waiting.filter(({ executed }) => executed);
    if (executed.length > 0) this.random.pick(executed).answer();
  }

  #settleFetch(faults: number): void {
    const { fetches } = this.process;
    if (fetches.length === 0) return;
    const fetch = this.random.pick(fetches);
    if (this.random.chance(faults)) return fetch.fail(new Error("simulated outage"));
    this.#answerFetch(fetch);
  }

  #answerFetch(fetch: (typeof this.process.fetches)[number]): void {
    try {
      fetch.settle(this.scenario.fact(this, fetch.name, fetch.key));
    } catch (error) {
      fetch.fail(error as Error);
    }
  }

  #wait(): void {
    const next = this.clock.next();
    const some = this.clock.now() + this.random.below(3_000);
    this.clock.advanceTo(
      next !== undefined && this.random.chance(0.5) ? Math.min(next, some + 60_000) : some,
    );
  }

  /**
   * Ends all faults, lets everything arrive, and lets time pass until nothing is written any more. Fails if
   * that does not come to an end.
   */
  async settle(
    stop: Stop = {},
  ): Promise<void> {
    this.leads = true;
    this.scenario.heal?.(this);
    this.say("settle");
    const { process } = this;
    const limit = this.writes + settlingWrites + 5 * this.server.everything().length;
    let quietSince = this.clock.now();
    let version = this.server.version;
    for (;;) {
      if (!await this.arrive(stop)) return;
      this.#assertHealthy(process);
      assert.ok(this.writes < limit, `does not settle: ${process.writer.asked.slice(-12).join("; ")}`);
      if (this.server.version !== version) [version, quietSince] = [this.server.version, this.clock.now()];
      const next = this.clock.next();
      if (next === undefined || next > quietSince + calm) break;
      this.clock.advanceTo(next);
    }
    assert.ok(process.runner.quiet, "the runner is not quiet though nothing is left to happen");
  }

  /** Everything that can happen without time passing happens. Returns false if `stop` came before. */
  async arrive(stop: Stop = {}): Promise<boolean> {
    const { process, server } = this;
    const { writes = Infinity, silent } = stop;
    for (let round = 0, progress = true; progress; round++) {
      assert.ok(round < 20_000, "does not come to rest without time passing");
      progress = false;
      const did = () => progress = true;
      for (const stream of process.streams) {
        for (; stream !== silent && stream.lags; did()) stream.deliver(50);
      }
      if (server.collectGarbage() > 0) did();
      if (this.scenario.others(this)) did();
      for (const orphan of this.#orphans.splice(0)) did(), orphan.execute("none");
      for (const request of [...process.writer.waiting]) {
        if (process.writer.written.length >= writes) return false;
        did();
        if (!request.executed) {
          this.say(request.text);
          request.execute("none");
        }
        if (process.writer.written.length < writes || stop.answered) request.answer();
      }
      for (const fetch of [...process.fetches]) did(), this.#answerFetch(fetch);
      await promisesSettled();
      for (; this.turns.waiting > 0; await promisesSettled()) did(), this.turns.run();
    }
    return true;
  }
}

/** Runs a history for each of so many seeds; a failure names its seed. */
export async function forSeeds(
  count: number,
  first: number,
  history: (seed: number, turns: Turns) => Promise<void>,
): Promise<void> {
  const only = Deno.env.get("AIM_PROPERTY_SEED");
  const seeds = only === undefined ? Array.from({ length: count }, (_, i) => first + i) : [Number(only)];
  for (const seed of seeds) {
    using turns = new Turns();
    try {
      await history(seed, turns);
    } catch (error) {
      throw new Error(`with AIM_PROPERTY_SEED=${seed}: ${(error as Error).message}`, { cause: error });
    }
  }
}

/** How many histories to run: as many as the nightly run asks for, or `usual`. */
export function runs(usual: number): number {
  return Math.ceil(usual * Number(Deno.env.get("AIM_PROPERTY_RUNS") ?? 1));
}
