/** The operator's program as one of several in a simulated cluster: it may die, or be cut off from the API server. */

import type { Answer, Answering, Request } from "../../../lib/apiserver/request.ts";
import { inProcessTransport } from "../../../lib/apiserver/doors/in_process.ts";
import { embeddedOperator } from "../../../lib/cli/rehearsal/embedded_operator.ts";
import type { Watch } from "../../../lib/apiserver/watch/watch.ts";
import { factSources, type RegistryAccess } from "../../../lib/facts/sources.ts";
import { mayRead } from "../../../lib/kube/own_rights.ts";
import { requestTimeout } from "../../../lib/operator/apply/writer.ts";
import type { Operator } from "../../../lib/operator/operator.ts";

/** How requests of one process reach the server. */
export class Wire implements Answering {
  /** Whether requests and answers pass. */
  open = true;
  /** Writes that reached the server. */
  writes = 0;
  /** Of them those that came when their operator was gone. */
  late = 0;
  /** Behind so many writes all requests hang, for longer than a lease, and reach the server then. */
  hangsBehind = Infinity;
  /** Told of each request as it is sent. */
  sent: (request: Request) => void = () => {};
  /** The wire is cut for good once so many writes have reached the server; the answer of the last is lost. */
  lastWrite = Infinity;
  readonly #watches = new Set<Watch>();
  #stalled: Promise<void> | undefined;

  /** @param told of each write, with the code of its answer */
  constructor(
    private readonly server: Answering,
    private readonly told: (request: Request, code: number | undefined) => void,
  ) {}

  async handle(request: Request): Promise<Answer | undefined> {
    this.sent(request);
    const stalled = this.#stalled;
    await stalled;
    // What hung when its operator died had been sent: it arrives, however late.
    if (!this.open && stalled === undefined) return await never();
    const writes = request.method !== "GET";
    if (writes && !this.open) this.late++;
    const isLease = request.path.includes("/leases");
    if (writes && !isLease && ++this.writes >= this.lastWrite) this.open = false;
    if (writes && !isLease && this.writes === this.hangsBehind) {
      this.stall(new Promise((resolve) => void setTimeout(resolve, 40_000)));
    }
    const answer = await this.server.handle(request);
    if (writes) this.told(request, answer?.code);
    if (answer !== undefined && "watch" in answer) {
      const { watch } = answer;
      this.#watches.add(watch);
      watch.atEnd(() => this.#watches.delete(watch));
      if (!this.open) watch.end();
    }
    return this.open ? answer : await never();
  }

  /** Requests wait until then, and reach the server all the same. */
  stall(until: Promise<void>): void {
    this.#stalled = until;
    void until.then(() => {
      if (this.#stalled === until) this.#stalled = undefined;
    });
  }

  /** Nothing passes any more, and streams break. */
  cut(): void {
    this.open = false;
    for (const watch of [...this.#watches]) watch.end();
  }
}

/** No answer, ever. Each has its own: one for all would keep everybody who ever waited for it, with their clusters. */
const never = () => new Promise<never>(() => {});

const lease = { namespace: "default", name: "3be10d2f.eai.amd.com" };
export const leasePath = `/apis/coordination.k8s.io/v1/namespaces/${lease.namespace}/leases/${lease.name}`;

export interface RunningOptions {
  readonly identity: string;
  readonly registry: RegistryAccess;
  /** The namespaces where its rights end (scoped mode); absent: all of the cluster is its own. */
  readonly namespaces?: readonly string[];
}

export class RunningOperator {
  readonly operator: Operator;
  /** What a pass threw, and wake-ups that were missed: faults of the program. */
  readonly faults: string[] = [];
  /** How it ended. */
  ended: "released" | "lost" | Error | undefined;
  readonly #stop = new AbortController();

  constructor(readonly wire: Wire, { identity, registry, namespaces }: RunningOptions) {
    const transport = inProcessTransport(wire, "aim-engine");
    this.operator = embeddedOperator({
      transport,
      scope: namespaces && {
        namespaces,
        mayRead: (resource, namespace) => mayRead(transport, resource, namespace),
        transportOf: () => transport,
      },
      facts: factSources({ api: transport, logs: transport }, undefined, registry),
      election: {
        transport,
        ...lease,
        identity,
        fieldManager: "aim-engine",
        // As long as always, and seldom renewed: most of what a history does at rest is this.
        retrySeconds: 4,
        lookSeconds: 4,
      },
      fault: (what) => this.faults.push(what),
    });
    wire.sent = ({ method, path }) => {
      const needsNone = method === "GET" || /\/(leases|events|selfsubjectaccessreviews)\b/.test(path);
      // What is under way when the lease ends may land beside another leader's writes.
      if (needsNone || this.operator.election!.remaining() >= requestTimeout) return;
      this.faults.push(`${method} ${path} was sent when the lease ended before it could`);
    };
    this.operator.run(this.#stop.signal).then(
      (how) => this.ended = how,
      (error) => this.ended = error as Error,
    );
  }

  /** Ends as a process does on SIGTERM. */
  stop(): void {
    this.#stop.abort();
  }

  /** Ends as a process does that is killed: at once, without a word to anybody. */
  kill(): void {
    this.wire.cut();
    this.#stop.abort();
  }
}
