/** The server: from a request to an answer, synchronously. Doors are in `doors/`. */
import { Cluster, type ClusterOptions } from "./cluster.ts";
import { aggregated, groupList, groupOf, resourceList, reviews } from "./discovery/groups.ts";
import { openApiIndex, openApiOf, openApiV2 } from "./discovery/open_api.ts";
import type { JsonObject } from "./json.ts";
import type { Kind } from "./kinds/kind.ts";
import { Lifecycle } from "./lifecycle/lifecycle.ts";
import { wantedOf } from "./output/accept.ts";
import type { Attempt } from "./outside.ts";
import { askedOf } from "./rights/attributes.ts";
import { bootstrapRoles } from "./rights/bootstrap.ts";
import { rbacGroup } from "./rights/authorizer.ts";
import { asImpersonated, authorize } from "./rights/refusals.ts";
import { type Answer, type Answering, type Request, type Target, targetOf } from "./request.ts";
import { methodNotAllowed, noSuchPath, Refusal } from "./status.ts";
import { answerResource } from "./verbs/resource.ts";
import { answerReview } from "./verbs/review.ts";

/** The release that it answers as. */
export const gitVersion = "v1.35.4";

export class ApiServer implements Answering {
  readonly cluster: Cluster;

  constructor(options: ClusterOptions = {}) {
    this.cluster = new Cluster(options);
    new Lifecycle(this.cluster);
    if (options.like !== undefined) return;
    for (const name of ["default", "kube-system", "kube-public", "kube-node-lease"]) {
      this.#make("/api/v1/namespaces", { apiVersion: "v1", kind: "Namespace", metadata: { name } });
    }
    if (this.cluster.authorizer === undefined) return;
    for (const object of bootstrapRoles()) {
      this.#make(`/apis/${rbacGroup}/v1/${String(object.kind).toLowerCase()}s`, object);
    }
  }

  #make(path: string, body: JsonObject): void {
    this.handle({ method: "POST", path, query: new URLSearchParams(), body, userAgent: "kube-apiserver" });
  }

  /**
   * Answers a request. What is refused is an answer too.
   *
   * @param attempt what is known of the world outside; without it no webhook is asked
   * @throws Unanswered if more of it has to be known
   */
  handle(request: Request, attempt?: Attempt): Answer {
    const before = this.cluster.attempt;
    this.cluster.attempt = attempt;
    try {
      return this.#answer(request);
    } catch (error) {
      if (!(error instanceof Refusal)) throw error;
      return { code: error.httpCode, body: error.status, warnings: error.warnings };
    } finally {
      this.cluster.attempt = before;
    }
  }

  #answer(said: Request): Answer {
    const request = said.impersonated === undefined ? said : asImpersonated(this.cluster.authorizer, said);
    const { authorizer } = this.cluster;
    const { user } = request;
    if (authorizer !== undefined && user !== undefined) authorize(authorizer, user, askedOf(request));
    const plain = this.#plain(request);
    if (plain !== undefined) return plain;
    const target = targetOf(request.path);
    if (target === undefined) return noPage;
    const review = reviews[target.group]?.find(({ plural }) => plural === target.plural);
    if (review !== undefined && target.version === "v1") {
      return answerReview(this.cluster, request, target, review.kind);
    }
    const kind = this.cluster.kinds.find(target.group, target.version, target.plural);
    if (kind === undefined) return this.#unknown(target);
    checkScope(kind, target, request);
    return answerResource(this.cluster, kind, target, request);
  }

  /** Built-in groups answer in their own words, all else as a page that is not there. */
  #unknown({ group }: Target): Answer {
    const builtIn = this.cluster.kinds.all().some((kind) => !kind.custom && kind.group === group);
    if (builtIn || group === "") throw noSuchPath();
    return noPage;
  }

  /** Paths that name no object. */
  #plain({ method, path, accept }: Request): Answer | undefined {
    if (method === "GET" || method === "HEAD") {
      const known = this.#document(path.split("/").filter((part) => part !== ""), accept);
      if (known !== undefined) return known;
    }
    if (/^\/*version(\/|$)/.test(path)) throw noSuchPath();
    return undefined;
  }

  #document(parts: readonly string[], accept: string | undefined): Answer | undefined {
    const kinds = this.cluster.kinds.all();
    const [root, group, version, ...more] = parts;
    switch (root) {
      case "healthz":
      case "readyz":
      case "livez":
        return { code: 200, text: "ok" };
      case "version":
        return parts.length === 1 ? json(versionBody) : undefined;
      case "api":
      case "apis":
        if (parts.length === 1) return this.#groups(root === "api", accept);
        break;
      case "openapi":
        return parts[1] === "v2" ? openApiV2(accept) : openApiAnswer(parts, kinds);
    }
    if (root === "api" && group === "v1" && parts.length === 2) return json(resourceList("", "v1", kinds));
    if (root !== "apis" || more.length > 0) return undefined;
    const served = this.cluster.kinds.serves(group, version) ||
      group in reviews && (version ?? "v1") === "v1";
    if (!served) return noPage;
    return json(version === undefined ? groupOf(group, kinds) : resourceList(group, version, kinds));
  }

  #groups(core: boolean, accept: string | undefined): Answer {
    const kinds = this.cluster.kinds.all();
    const { as, version = "v2" } = wantedOf(accept, ["APIGroupDiscoveryList"]);
    if (as !== undefined) return json(aggregated(core, version, kinds));
    return json(
      core ? { kind: "APIVersions", versions: ["v1"], serverAddressByClientCIDRs: [] } : groupList(kinds),
    );
  }
}

const noPage: Answer = { code: 404, text: "404 page not found\n" };

const versionBody = {
  major: "1",
  minor: "35",
  gitVersion,
  gitCommit: "",
  gitTreeState: "",
  buildDate: "1970-01-01T00:00:00Z",
  goVersion: "",
  compiler: "",
  platform: "linux/amd64",
};

function json(body: JsonObject): Answer {
  return { code: 200, body };
}

function openApiAnswer(parts: readonly string[], kinds: readonly Kind[]): Answer | undefined {
  if (parts[1] !== "v3") return noPage;
  if (parts.length === 2) return json(openApiIndex(kinds));
  const [group, version] = parts[2] === "api" ? ["", parts[3]] : [parts[3], parts[4]];
  return json(openApiOf(group, version, kinds));
}

/** A namespaced kind is written in a namespace, and one of the cluster is in none. */
function checkScope(kind: Kind, target: Target, { method }: Request): void {
  if (kind.namespaced === (target.namespace !== undefined)) return;
  const reading = method === "GET" && target.name === undefined && kind.namespaced;
  if (reading) return;
  throw kind.namespaced ? methodNotAllowed() : noSuchPath();
}
