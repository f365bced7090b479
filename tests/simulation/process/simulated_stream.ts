import type { AnyKind } from "../../../lib/kube/cache/cached_kind.ts";
import type { KubeObject, Live } from "../../../lib/kube/object.ts";
import type { Sink } from "../../../lib/kube/cache/sink.ts";
import { copyJson } from "../copy_json.ts";
import { takes } from "./selectors.ts";
import type { HistoryEvent, SimulatedApiServer } from "./simulated_api_server.ts";

/**
 * One list+watch of one process: hands a kind's history to a sink in order, but when it is told to. It may
 * lag, say things twice, or break and start over from a list.
 */
export class SimulatedStream {
  /** How far it has come in the history; undefined before the first list. */
  #position: number | undefined;
  #said: HistoryEvent[] = [];

  constructor(
    private readonly server: SimulatedApiServer,
    private readonly kind: AnyKind,
    /** Which of the kind's selectors it is of. */
    private readonly source: number,
    private readonly sink: Sink<KubeObject>,
  ) {}

  /** Whether there is something to say. */
  get lags(): boolean {
    if (!this.server.installed(this.kind.resource)) return this.#position !== -1;
    if (this.#position === undefined || this.#position === -1) return true;
    return this.#position < this.#lastVersion();
  }

  /** Says the next thing: the first list, or the next events. */
  deliver(events = 1): void {
    if (!this.server.installed(this.kind.resource)) {
      if (this.#position !== -1) this.sink.uninstalled();
      this.#position = -1;
      return;
    }
    if (this.#position === undefined || this.#position === -1) return this.relist(this.server.version);
    const from = this.#position;
    const next = this.server.history(this.kind.resource).filter(({ version }) => version > from).slice(
      0,
      events,
    );
    for (const event of next) {
      this.#say(event);
      this.#position = event.version;
    }
    this.#said = [...this.#said, ...next].slice(-4);
  }

  /** Says the last few things again. */
  repeat(): void {
    for (const event of this.#said) this.#say(event);
  }

  /** Loses what it had still to say and starts from a list read at `version`, not before its position. */
  relist(version: number): void {
    if (!this.server.installed(this.kind.resource)) return this.deliver();
    const at = Math.max(version, this.#position ?? 0);
    const objects = new Map<string, Live<KubeObject>>();
    for (const { type, object, version } of this.server.history(this.kind.resource)) {
      if (version > at) break;
      if (type === "stored") objects.set(object.metadata.uid, object);
      else objects.delete(object.metadata.uid);
    }
    this.#position = at;
    this.#said = [];
    const items = [...objects.values()].filter((object) => takes(this.kind, this.source, object));
    this.sink.replaced(copyJson(items), String(at));
  }

  #say({ type, object, before }: HistoryEvent): void {
    const was = before !== undefined && takes(this.kind, this.source, before);
    const is = type === "stored" && takes(this.kind, this.source, object);
    if (is) this.sink.put(copyJson(object));
    else if (was) this.sink.removed(copyJson(object));
  }

  #lastVersion(): number {
    const history = this.server.history(this.kind.resource);
    return history.length === 0 ? 0 : history[history.length - 1].version;
  }
}
