/**
 * Two operators that want the same Lease, each a process with a way of its own to the API server. Every start has a token
 * of its own, so the audit log tells all processes apart by the id of their credential.
 */

import { fileURLToPath } from "node:url";
import { denoFlagsWith } from "../../lib/process/permissions.ts";
import { type AuditEvent, AuditTail } from "../control_plane/servers/audit_log.ts";
import type { ChildProcess } from "../control_plane/processes/child_process.ts";
import type { ControlPlane } from "../control_plane/plane.ts";
import { freePort } from "../control_plane/processes/ports.ts";
import { FaultProxy } from "./fault_proxy.ts";

const namespace = "aim-system";
const account = "aim-engine-controller-manager";
const user = `system:serviceaccount:${namespace}:${account}`;

/** One of the two places; processes come and go in it. */
export class Seat {
  /** Id of the credential of the process that runs, or ran last. */
  credential = "";

  constructor(
    readonly name: string,
    readonly proxy: FaultProxy,
    readonly kubeconfig: string,
    private readonly plane: ControlPlane,
    private readonly probePort: number,
  ) {}

  process!: ChildProcess;

  /** Starts a new process, and waits until it is ready: warm, if the other one leads. */
  async start(): Promise<void> {
    const file = await this.plane.kubeconfigFor(namespace, account, this.proxy.url);
    await Deno.rename(file, this.kubeconfig);
    this.credential = credentialIn(await Deno.readTextFile(this.kubeconfig));
    if (this.process === undefined) this.process = await this.plane.run(this.#spec());
    else await this.process.start();
  }

  #spec() {
    return {
      name: `operator-${this.name}`,
      program: Deno.execPath(),
      args: [
        "run",
        ...denoFlagsWith({ read: [this.kubeconfig] }),
        fileURLToPath(new URL("../../mod.ts", import.meta.url)),
        `--kubeconfig=${this.kubeconfig}`,
        `--health-probe-bind-address=127.0.0.1:${this.probePort}`,
        "--leader-elect",
      ],
      env: { AIM_SYSTEM_NAMESPACE: namespace },
      ready: async () => {
        const answer = await fetch(`http://127.0.0.1:${this.probePort}/readyz`);
        await answer.body?.cancel();
        return answer.ok;
      },
    };
  }

  get isRunning(): boolean {
    return this.process?.pid !== undefined;
  }
}

/** `JTI=…`, as the audit log names the token in a kubeconfig. */
function credentialIn(kubeconfig: string): string {
  const claims = /token: "?[\w-]+\.([\w-]+)\./.exec(kubeconfig)![1];
  const text = atob(claims.replaceAll("-", "+").replaceAll("_", "/"));
  return `JTI=${JSON.parse(text).jti}`;
}

/** A change that one of the processes made, or the server refused it. */
export interface Act {
  readonly credential: string;
  readonly isOfLease: boolean;
  readonly succeeded: boolean;
  /** When the API server got the request, and when it had answered; milliseconds since 1970. */
  readonly received: number;
  readonly answered: number;
  readonly what: string;
}

/** What all of them did, from the audit log. */
export class Deeds {
  readonly acts: Act[] = [];
  readonly #tails: readonly AuditTail[];

  /** @param auditLogFiles of each API server */
  constructor(auditLogFiles: readonly string[]) {
    this.#tails = auditLogFiles.map((file) => new AuditTail(file));
  }

  async read(): Promise<void> {
    for (const tail of this.#tails) {
      for (const event of await tail.next()) if (isAct(event)) this.acts.push(actOf(event));
    }
    this.acts.sort((a, b) => a.answered - b.answered);
  }

  /** Credential of who wrote the Lease last. */
  get holder(): string | undefined {
    return this.acts.findLast(({ isOfLease, succeeded }) => isOfLease && succeeded)?.credential;
  }

  /** The first acts of another than `before` after a moment: its first on the Lease, and its first on anything else. */
  successor(before: string, after: number): { readonly lease: Act; readonly write: Act } | undefined {
    const others = this.acts.filter(({ credential, answered, succeeded }) =>
      credential !== before && answered > after && succeeded
    );
    const lease = others.find(({ isOfLease }) => isOfLease);
    const write = others.find(({ isOfLease, credential }) => !isOfLease && credential === lease?.credential);
    return lease && write && { lease, write };
  }
}

/** Events tell and decide nothing: what is left of them is sent while the Lease is given back. */
function isAct({ user: { username }, verb, stage, objectRef }: AuditEvent): boolean {
  return username === user && stage === "ResponseComplete" && !["get", "list", "watch"].includes(verb) &&
    objectRef !== undefined && !["events", "selfsubjectaccessreviews"].includes(objectRef.resource);
}

function actOf(event: AuditEvent): Act {
  const { user, verb, objectRef, responseStatus, requestReceivedTimestamp, stageTimestamp, requestURI } =
    event;
  return {
    credential: user.extra?.["authentication.kubernetes.io/credential-id"]?.[0] ?? "",
    isOfLease: objectRef!.resource === "leases",
    succeeded: (responseStatus?.code ?? 0) < 300,
    received: Date.parse(requestReceivedTimestamp),
    answered: Date.parse(stageTimestamp),
    what: `${verb} ${requestURI}`,
  };
}

/** How long a renewal holds, in milliseconds. */
const leaseDuration = 15_000;

/**
 * Writes that came while their process had no valid lease, in words: its last renewal was too long ago, was followed by
 * another's, or was the one that gave the Lease back.
 *
 * @param released credentials of processes that have ended well: their last write of the Lease gave it back
 */
export function withoutLease(acts: readonly Act[], released: ReadonlySet<string>): string[] {
  const renewals = acts.filter(({ isOfLease, succeeded }) => isOfLease && succeeded)
    .sort((a, b) => a.answered - b.answered);
  const lastOf = new Map(renewals.map((act) => [act.credential, act]));
  return acts.filter(({ isOfLease }) => !isOfLease).flatMap(({ credential, received, what }) => {
    const renewal = renewals.findLast(({ answered }) => answered <= received);
    const wrong = renewal === undefined || renewal.credential !== credential
      ? "another holds the lease"
      : received > renewal.received + leaseDuration
      ? `${received - renewal.received} ms after its last renewal`
      : released.has(credential) && lastOf.get(credential) === renewal
      ? "after it had given the lease back"
      : undefined;
    return wrong === undefined ? [] : [`${what} by ${credential}: ${wrong}`];
  });
}

/**
 * Two seats, nobody in them yet.
 *
 * @param leaseUrl the API server to which all about the Lease goes; everything else goes to the plane's own
 */
export function twoSeats(plane: ControlPlane, leaseUrl = plane.url): [Seat, Seat] {
  const seat = (name: string) => {
    const proxy = new FaultProxy(plane);
    proxy.urlOf = (path) => path.includes("/leases") ? leaseUrl : plane.url;
    return new Seat(name, proxy, `${plane.folder}/operator-${name}.kubeconfig`, plane, freePort());
  };
  return [seat("a"), seat("b")];
}
