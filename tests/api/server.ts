/** The API server as the tests of the API see it: create, change and look, with the answer as data. */
import assert from "node:assert/strict";
import { kinds } from "../../lib/api/mod.ts";
import type { Cluster } from "../control_plane/cluster.ts";

/** An object of any kind. */
// deno-lint-ignore no-explicit-any -- tests read objects of all kinds
export type AnyObject = any;

/** What the API server made of a request: the object, or the message of its refusal. */
export type Answer = { readonly object: AnyObject; readonly refusal?: undefined } | {
  readonly object?: undefined;
  readonly refusal: string;
};

/** The namespace that the tests use. */
export const namespace = "team-a";

/** Requests about our kinds to a control plane on which the CRDs are installed. */
export class Server {
  #count = 0;

  constructor(readonly plane: Cluster) {}

  /** Creates an object of the kind with this spec under a fresh name. */
  create(kind: string, spec: unknown, { dryRun = false } = {}): Promise<Answer> {
    const object = {
      apiVersion: "aim.eai.amd.com/v1alpha1",
      kind,
      metadata: { name: `t${++this.#count}` },
      ...spec !== undefined && { spec },
    };
    return this.#ask("POST", collectionPath(kind), object, dryRun ? "?dryRun=All" : "");
  }

  /** Creates an object that must be accepted. */
  async created(kind: string, spec: unknown): Promise<AnyObject> {
    return accepted(await this.create(kind, spec));
  }

  /** Changes an object by a merge patch; `null` removes a field. */
  patch(object: AnyObject, change: unknown): Promise<Answer> {
    return this.#ask("PATCH", objectPath(object), change);
  }

  /** Changes the status of an object by a merge patch. */
  patchStatus(object: AnyObject, status: unknown): Promise<Answer> {
    return this.#ask("PATCH", `${objectPath(object)}/status`, { status });
  }

  /** The object as it is stored now. */
  get(object: AnyObject): Promise<AnyObject> {
    return this.plane.request("GET", objectPath(object));
  }

  async #ask(method: string, path: string, body: unknown, query = ""): Promise<Answer> {
    const contentType = method === "PATCH" ? "application/merge-patch+json" : "application/json";
    try {
      return { object: await this.plane.request(method, path + query, body, contentType) };
    } catch (error) {
      // Only what validation says is an answer; everything else is a fault of the test.
      const said = /: (?:422|400) (\{.*\})\s*$/s.exec((error as Error).message);
      if (said === null) throw error;
      return { refusal: JSON.parse(said[1]).message };
    }
  }
}

/** The object of an answer that must not be a refusal. */
export function accepted(answer: Answer): AnyObject {
  if (answer.refusal !== undefined) assert.fail(answer.refusal);
  return answer.object;
}

/** Asserts that the answer is a refusal that says all of this. */
export function refused(answer: Answer, ...words: (string | RegExp)[]): void {
  if (answer.refusal === undefined) assert.fail(`accepted ${JSON.stringify(answer.object.spec)}`);
  for (const word of words) {
    assert.match(answer.refusal, word instanceof RegExp ? word : new RegExp(RegExp.escape(word)));
  }
}

function collectionPath(kind: string, inside = namespace): string {
  const { group, version, plural, scope } = kinds.find((each) => each.kind === kind)!;
  const place = scope === "Namespaced" ? `namespaces/${inside}/` : "";
  return `/apis/${group}/${version}/${place}${plural}`;
}

function objectPath(object: AnyObject): string {
  return `${collectionPath(object.kind, object.metadata.namespace)}/${object.metadata.name}`;
}
