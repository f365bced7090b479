/** A cluster in memory with its neighbours, whose time a test drives. */

import { DrivenClock } from "../apiserver/clock.ts";
import type { JsonObject } from "../apiserver/json.ts";
import { ApiServer } from "../apiserver/server.ts";
import { defaultStorageClass, type NeighbourOptions, neighboursOf } from "./mod.ts";
import type { Surroundings } from "./run.ts";

/** Any object; what a test reads of it, it knows. */
// deno-lint-ignore no-explicit-any
export type AnyObject = Record<string, any>;

export class PlayedCluster {
  readonly clock = new DrivenClock(Date.parse("2026-01-01T00:00:00Z"));
  readonly server = new ApiServer({ clock: this.clock, random: seeded() });
  readonly faults: unknown[] = [];
  readonly #neighbours: Surroundings;

  constructor(options: NeighbourOptions = {}) {
    this.#neighbours = neighboursOf(this.server, { ...options, failed: (error) => this.faults.push(error) });
    this.post("/apis/storage.k8s.io/v1/storageclasses", defaultStorageClass as AnyObject);
  }

  post(path: string, object: AnyObject): AnyObject {
    return this.#ask("POST", path, object);
  }

  patch(path: string, object: AnyObject): AnyObject {
    return this.#ask("PATCH", path, object);
  }

  delete(path: string): void {
    this.#ask("DELETE", path, { propagationPolicy: "Background" }); // as kubectl does
  }

  get(path: string): AnyObject {
    return this.#ask("GET", path);
  }

  list(path: string): AnyObject[] {
    return this.get(path).items;
  }

  node(
    name: string,
    { gpus = 8, cpu = "64", labels = {} }: { gpus?: number; cpu?: string; labels?: object } = {},
  ): void {
    const allocatable = { cpu, memory: "512Gi", pods: "110", "amd.com/gpu": String(gpus) };
    this.post("/api/v1/nodes", {
      apiVersion: "v1",
      kind: "Node",
      metadata: { name, labels },
      status: { capacity: allocatable, allocatable },
    });
  }

  /** Lets so many seconds pass, and everything happen that is due in them. */
  pass(seconds = 0): void {
    const end = this.clock.now() + seconds * 1000;
    this.#neighbours.settle();
    for (let next = this.clock.next(); next !== undefined && next <= end; next = this.clock.next()) {
      this.clock.advance(Math.max(0, next - this.clock.now()));
      this.#neighbours.settle();
    }
    this.clock.advance(end - this.clock.now());
  }

  /** Reasons and messages of the events about an object, in order. */
  events(name: string, namespace = "default"): string[] {
    return this.list(`/api/v1/namespaces/${namespace}/events`)
      .filter(({ involvedObject }) => involvedObject.name === name)
      .map(({ reason, message }) => `${reason}: ${message}`);
  }

  #ask(method: string, path: string, body?: AnyObject): AnyObject {
    const answer = this.server.handle({
      method,
      path,
      query: new URLSearchParams(),
      body: body as JsonObject,
      contentType: method === "PATCH" ? "application/merge-patch+json" : "application/json",
      userAgent: "test",
    });
    if (!("body" in answer) || answer.code >= 400) {
      throw new Error(`${method} ${path}: ${JSON.stringify(answer)}`);
    }
    return answer.body as AnyObject;
  }
}

function seeded(): () => number {
  let state = 1;
  return () => (state = state * 48271 % 2147483647) / 2147483647;
}
