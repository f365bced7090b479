import { copyJson } from "../copy_json.ts";
import { NetworkError } from "../../../lib/kube/errors.ts";
import type { KubeObject, Live, Resource } from "../../../lib/kube/object.ts";
import type { WriteGate, Writer } from "../../../lib/operator/apply/writer.ts";
import { apiError, type SimulatedApiServer } from "./simulated_api_server.ts";

export type Fault = "none" | "refused" | "answerLost" | "serverError" | "tooMany";

/** A request on its way: first executed, then answered. */
export interface Request {
  readonly text: string;
  readonly writes: boolean;
  /** Has the server do it; `fault` says what goes wrong. */
  execute(fault: Fault): void;
  readonly executed: boolean;
  /** Hands the answer to the process. */
  answer(): void;
}

/** A record of a write that reached the server. */
export interface WriteRecord {
  readonly verb: string;
  readonly resource: Resource;
  readonly namespace: string | undefined;
  readonly name: string;
  readonly manager: string | undefined;
  readonly changed: boolean;
}

/**
 * The writer of one simulated process: its requests wait until the simulation executes and answers them. It
 * checks what must hold of every write: the right to write, and preconditions of a deletion.
 */
export class SimulatedWriter implements Writer {
  readonly waiting: Request[] = [];
  readonly written: WriteRecord[] = [];
  /** Every request that was made, in order. */
  readonly asked: string[] = [];
  /** Writes that should not have been made. */
  readonly violations: string[] = [];

  constructor(private readonly server: SimulatedApiServer, private readonly gate: WriteGate) {}

  apply(resource: Resource, desired: KubeObject, manager: string): Promise<Live<KubeObject>> {
    const body = copyJson(desired);
    const { namespace, name } = body.metadata!;
    return this.#write(
      "apply",
      resource,
      namespace,
      name!,
      manager,
      () => this.server.apply(resource, body, manager),
    );
  }

  create(resource: Resource, object: KubeObject, manager: string): Promise<Live<KubeObject>> {
    const body = copyJson(object);
    const { namespace, name } = body.metadata!;
    return this.#write(
      "create",
      resource,
      namespace,
      name!,
      manager,
      () => this.server.create(resource, body, manager),
    );
  }

  patch(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    patch: unknown,
    options: { manager: string; subresource?: "status" },
  ): Promise<Live<KubeObject>> {
    const body = copyJson(patch);
    const verb = options.subresource === "status" ? "status" : "patch";
    return this.#write(
      verb,
      resource,
      namespace,
      name,
      options.manager,
      () => this.server.patch(resource, namespace, name, body, options),
    );
  }

  async delete(
    resource: Resource,
    namespace: string | undefined,
    name: string,
    preconditions: { uid: string; resourceVersion: string },
  ): Promise<void> {
    for (const field of ["uid", "resourceVersion"] as const) {
      if (!preconditions[field]) this.violations.push(`delete ${resource.kind} ${name} without ${field}`);
    }
    await this.#write("delete", resource, namespace, name, undefined, () => {
      this.server.delete(resource, namespace, name, preconditions);
      return undefined;
    });
  }

  get(
    resource: Resource,
    namespace: string | undefined,
    name: string,
  ): Promise<Live<KubeObject> | undefined> {
    return this.#ask(
      `get ${resource.kind} ${namespace ?? ""}/${name}`,
      false,
      () => this.server.get(resource, namespace, name),
    );
  }

  list(resource: Resource, namespace: string | undefined): Promise<Live<KubeObject>[]> {
    return this.#ask(
      `list ${resource.kind} ${namespace ?? ""}`,
      false,
      () => this.server.list(resource, namespace),
    );
  }

  #write<R>(
    verb: string,
    resource: Resource,
    namespace: string | undefined,
    name: string,
    manager: string | undefined,
    execute: () => R,
  ): Promise<R> {
    const text = `${verb} ${resource.kind} ${namespace ?? ""}/${name}`;
    if (!this.gate.mayWrite()) this.violations.push(`${text} without the right to write`);
    return this.#ask(text, true, () => {
      const before = this.server.version;
      try {
        return execute();
      } finally {
        const changed = this.server.version !== before;
        this.written.push({ verb, resource, namespace, name, manager, changed });
      }
    });
  }

  #ask<R>(text: string, writes: boolean, execute: () => R): Promise<R> {
    this.asked.push(text);
    return new Promise<R>((resolve, reject) => {
      let outcome: (() => void) | undefined;
      const request: Request = {
        text,
        writes,
        get executed() {
          return outcome !== undefined;
        },
        execute: (fault) => {
          outcome = attempt(fault, execute, resolve, reject);
        },
        answer: () => {
          this.waiting.splice(this.waiting.indexOf(request), 1);
          outcome!();
        },
      };
      this.waiting.push(request);
    });
  }
}

/** Executes under a fault; returns what delivers the answer. */
function attempt<R>(
  fault: Fault,
  execute: () => R,
  resolve: (result: R) => void,
  reject: (error: unknown) => void,
): () => void {
  if (fault === "refused") return () => reject(networkError("ConnectionRefused", false));
  if (fault === "serverError") return () => reject(apiError("PATCH", 500, "InternalError", "etcd is away"));
  if (fault === "tooMany") return () => reject(apiError("PATCH", 429, "TooManyRequests", "slow down"));
  let result: R;
  try {
    result = execute();
  } catch (error) {
    return fault === "answerLost" ? () => reject(networkError("NetworkTimeout", true)) : () => reject(error);
  }
  if (fault === "answerLost") return () => reject(networkError("NetworkTimeout", true));
  return () => resolve(copyJson(result));
}

function networkError(kind: "ConnectionRefused" | "NetworkTimeout", sent: boolean): NetworkError {
  return new NetworkError(kind, `simulated ${kind}`, { sent, method: "PATCH", path: "/simulated" });
}
