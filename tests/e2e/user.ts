/** A person with kubectl, who may do everything. What is only read to judge, and often, is read without it. */

import assert from "node:assert/strict";
import type { Cluster } from "../control_plane/cluster.ts";
import { ResourcePaths } from "./resource_paths.ts";
import { until } from "../control_plane/until.ts";

/** Any object; what a test reads of it, it knows. */
// deno-lint-ignore no-explicit-any
export type AnyObject = Record<string, any>;

export interface Condition {
  readonly type: string;
  readonly status: string;
  readonly reason: string;
  readonly message: string;
}

export class User {
  readonly #paths: ResourcePaths;

  constructor(readonly plane: Cluster) {
    this.#paths = new ResourcePaths(plane);
  }

  /** What kubectl prints, without white space around it; throws if it fails. */
  async kubectl(...args: string[]): Promise<string> {
    const { code, stdout, stderr } = await this.plane.kubectl(args);
    if (code !== 0) throw new Error(`kubectl ${args.join(" ")}: ${stderr}`);
    return stdout.trim();
  }

  /** Runs a line of a shell with kubectl on its path, as a document tells a user to. */
  async shell(line: string): Promise<string> {
    const { code, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-c", line],
      env: {
        PATH: `${this.plane.toolsFolder}:${Deno.env.get("PATH")}`,
        KUBECONFIG: this.plane.adminKubeconfig,
      },
    }).output();
    assert.equal(code, 0, `${line}: ${new TextDecoder().decode(stderr)}`);
    return new TextDecoder().decode(stdout).trim();
  }

  /** `kubectl apply -f -`, not server-side: as most people do it. */
  async apply(what: string | readonly AnyObject[]): Promise<string> {
    const { code, stdout, stderr } = await this.#apply(what);
    if (code !== 0) throw new Error(`kubectl apply: ${stderr}`);
    return stdout.trim();
  }

  /** What kubectl says to something that is not to be accepted. */
  async refusal(what: string | readonly AnyObject[]): Promise<string> {
    const { code, stdout, stderr } = await this.#apply(what);
    assert.notEqual(code, 0, `accepted: ${stdout}`);
    return stderr.trim();
  }

  #apply(what: string | readonly AnyObject[]) {
    const text = typeof what === "string" ? what : what.map((each) => JSON.stringify(each)).join("\n---\n");
    return this.plane.kubectl(["apply", "-f", "-"], text);
  }

  /** Makes a namespace, server-side: in memory that takes no kubectl, whose start costs more CPU than the rest. */
  async namespace(name: string, labels: Readonly<Record<string, string>> = {}): Promise<void> {
    await this.plane.apply([{ apiVersion: "v1", kind: "Namespace", metadata: { name, labels } }]);
  }

  async get(kind: string, name: string, namespace = "default"): Promise<AnyObject> {
    return await this.plane.request("GET", `${await this.#paths.pathOf(kind, namespace)}/${name}`);
  }

  /** @param selector of labels, such as `app=a`; undefined takes all */
  async list(kind: string, namespace: string, selector?: string): Promise<AnyObject[]> {
    const query = selector === undefined ? "" : `?labelSelector=${encodeURIComponent(selector)}`;
    const list = await this.plane.request("GET", `${await this.#paths.pathOf(kind, namespace)}${query}`);
    const { apiVersion, kind: listKind } = list;
    // A list says once what its items are.
    return list.items.map((item: AnyObject) => ({
      apiVersion,
      kind: listKind.replace(/List$/, ""),
      ...item,
    }));
  }

  /** The word in the STATUS column of `kubectl get`; empty while there is none. */
  async status(kind: string, name: string, namespace = "default"): Promise<string> {
    return (await this.get(kind, name, namespace)).status?.status ?? "";
  }

  /** Waits until a condition has a reason, and returns the condition. */
  condition(
    kind: string,
    name: string,
    type: string,
    reason: string,
    namespace = "default",
    seconds = 30,
  ): Promise<Condition> {
    return this.#comes(
      { kind, name, namespace },
      `to say ${type} ${reason}`,
      seconds,
      (object) => conditionsOf(object).find((each) => each.type === type && each.reason === reason),
    );
  }

  /**
   * Waits until the templates of the whole cluster are ready. Who expects one of several templates to be chosen waits
   * for all of them first: a service takes the best of those that are ready when it looks.
   */
  async clusterTemplatesReady(...names: readonly [string, ...string[]]): Promise<void> {
    await Promise.all(
      names.map((name) =>
        this.#comes(
          { kind: "aimclusterservicetemplate", name },
          "to be ready",
          120,
          (object) =>
            object.status?.observedGeneration === object.metadata.generation &&
            conditionsOf(object).some(({ type, status }) => type === "Ready" && status === "True"),
        )
      ),
    );
  }

  /** Waits until `status.status` says the word; fails with all conditions if it does not. */
  reaches(kind: string, name: string, word: string, namespace = "default"): Promise<AnyObject> {
    return this.#comes(
      { kind, name, namespace },
      `to be ${word}`,
      45,
      (object) => object.status?.status === word && object,
    );
  }

  /**
   * Looks at an object until something is found in it; fails with what its status says.
   *
   * @param what completes the sentence "… did not happen" after the object's name
   */
  async #comes<T>(
    { kind, name, namespace }: { kind: string; name: string; namespace?: string },
    what: string,
    seconds: number,
    found: (object: AnyObject) => T | undefined | false,
  ): Promise<T> {
    let last: AnyObject = {};
    try {
      return await until(`${kind} ${name} ${what}`, async () => {
        last = await this.get(kind, name, namespace);
        return found(last);
      }, { seconds, everyMilliseconds: 200 });
    } catch (error) {
      const said = conditionsOf(last)
        .map(({ type, status, reason, message }) => `${type}=${status} ${reason}: ${message}`);
      if (last.status?.status !== undefined) said.unshift(`it is ${last.status.status}`);
      throw new Error([(error as Error).message, ...said].join("\n"));
    }
  }
}

function conditionsOf({ status }: AnyObject): readonly Condition[] {
  return status?.conditions ?? [];
}
