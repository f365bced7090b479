/** A door that knows Roles: what they do not give is refused as RBAC refuses it, and noted. */

import type { JsonObject } from "../../../lib/apiserver/json.ts";
import { type Answer, type Answering, type Request, targetOf } from "../../../lib/apiserver/request.ts";
import type { Watch } from "../../../lib/apiserver/watch/watch.ts";
import { rightsOf, type Rule } from "../../manifests/documents.ts";

const verbs: Readonly<Record<string, string>> = { POST: "create", PATCH: "patch", DELETE: "delete" };

export class NamespacedRights implements Answering {
  /** What was refused, and what was written, as `verb namespace/plural`. */
  readonly refused: string[] = [];
  readonly written: string[] = [];
  readonly #roles = new Map<string, ReadonlySet<string>>();
  readonly #watches: { readonly namespace: string | undefined; readonly watch: Watch }[] = [];

  constructor(private readonly server: Answering) {}

  /** Binds these rules in a namespace. */
  grant(namespace: string, rules: readonly Rule[]): void {
    this.#roles.set(namespace, new Set(rightsOf(rules)));
  }

  /** Takes all rights in a namespace away. What is being watched is watched on, until that ends. */
  revoke(namespace: string): void {
    this.#roles.delete(namespace);
  }

  /** Ends the watches on a namespace, as a server does after some minutes. */
  endWatches(namespace: string): void {
    for (const each of this.#watches) if (each.namespace === namespace) each.watch.end();
  }

  async handle(request: Request): Promise<Answer | undefined> {
    const target = targetOf(request.path);
    if (target === undefined || target.plural === "") return await this.server.handle(request);
    if (target.plural === "selfsubjectaccessreviews") return this.#review(request);
    const { group, namespace, plural, name, subresource } = target;
    const watches = request.query.has("watch");
    const verb = verbs[request.method] ?? (name !== undefined ? "get" : watches ? "watch" : "list");
    const what = `${verb} ${namespace ?? ""}/${plural}`;
    if (plural !== "leases" && !this.#may(verb, namespace, group, plural, subresource)) {
      this.refused.push(what);
      return forbidden(what);
    }
    if (request.method !== "GET" && plural !== "leases") this.written.push(what);
    const answer = await this.server.handle(request);
    if (answer !== undefined && "watch" in answer) this.#watches.push({ namespace, watch: answer.watch });
    return answer;
  }

  #may(
    verb: string,
    namespace: string | undefined,
    group: string,
    plural: string,
    subresource = "",
  ): boolean {
    const role = namespace === undefined ? undefined : this.#roles.get(namespace);
    return role?.has(`${verb} ${group || "core"}/${plural}${subresource && `/${subresource}`}`) === true;
  }

  #review({ body }: Request): Answer {
    const { spec } = body as { spec: { resourceAttributes: Record<string, string> } };
    const { verb, namespace, group = "", resource } = spec.resourceAttributes;
    const status = { allowed: this.#may(verb, namespace, group, resource) };
    return { code: 201, body: { ...(body as JsonObject), metadata: {}, status } };
  }
}

function forbidden(what: string): Answer {
  const body = {
    kind: "Status",
    apiVersion: "v1",
    metadata: {},
    status: "Failure",
    message: `${what} is forbidden: User "operator" cannot do that resource in API group`,
    reason: "Forbidden",
    code: 403,
  };
  return { code: 403, body };
}
