/** The authorizer of expressions: what the one who asks, or a service account, may do besides. */
import type { Environment } from "@marcbachmann/cel-js";
import { accountName, type UserInfo, userOf } from "../user.ts";

interface Resource {
  readonly group: string;
  readonly resource: string;
  readonly subresource: string;
  readonly namespace: string;
  readonly name: string;
}

interface Decision {
  readonly allowed: boolean;
  readonly reason: string;
}

type Asked = Resource & { readonly verb: string } | { readonly verb: string; readonly path: string };
type Decide = (user: UserInfo, asked: Asked) => Decision;

const type = (name: string) => `kubernetes.authorization.${name}`;

/** The variable `authorizer`. */
export class Authorizer {
  readonly requestResource: ResourceCheck;

  /** @param resource that the request is about */
  constructor(
    readonly decide: Decide,
    readonly user: UserInfo,
    readonly resource: Resource,
  ) {
    this.requestResource = new ResourceCheck(this, resource);
  }
}

class PathCheck {
  constructor(readonly by: Authorizer, readonly path: string) {}
}

class GroupCheck {
  constructor(readonly by: Authorizer, readonly group: string) {}
}

class ResourceCheck {
  constructor(readonly by: Authorizer, readonly resource: Resource) {}

  with(more: Partial<Resource>): ResourceCheck {
    return new ResourceCheck(this.by, { ...this.resource, ...more });
  }
}

class Verdict {
  constructor(readonly decision: Decision) {}
}

const whole = { subresource: "", namespace: "", name: "" };

const functions = {
  "Authorizer.path(string): PathCheck": (by: Authorizer, path: string) => new PathCheck(by, path),
  "Authorizer.group(string): GroupCheck": (by: Authorizer, group: string) => new GroupCheck(by, group),
  "Authorizer.serviceAccount(string, string): Authorizer": (
    by: Authorizer,
    namespace: string,
    name: string,
  ) => new Authorizer(by.decide, userOf(accountName(namespace, name)), by.resource),
  "GroupCheck.resource(string): ResourceCheck": ({ by, group }: GroupCheck, resource: string) =>
    new ResourceCheck(by, { group, resource, ...whole }),
  "ResourceCheck.subresource(string): ResourceCheck": (check: ResourceCheck, subresource: string) =>
    check.with({ subresource }),
  "ResourceCheck.namespace(string): ResourceCheck": (check: ResourceCheck, namespace: string) =>
    check.with({ namespace }),
  "ResourceCheck.name(string): ResourceCheck": (check: ResourceCheck, name: string) => check.with({ name }),
  "PathCheck.check(string): Decision": ({ by, path }: PathCheck, verb: string) =>
    new Verdict(by.decide(by.user, { verb, path })),
  "ResourceCheck.check(string): Decision": ({ by, resource }: ResourceCheck, verb: string) =>
    new Verdict(by.decide(by.user, { ...resource, verb })),
  "Decision.allowed(): bool": ({ decision }: Verdict) => decision.allowed,
  "Decision.reason(): string": ({ decision }: Verdict) => decision.reason,
  "Decision.errored(): bool": () => false,
  "Decision.error(): string": () => "",
};

/** Teaches an environment what can be asked of it. */
export function addAuthorizer(environment: Environment): void {
  environment.registerType(type("ResourceCheck"), ResourceCheck);
  environment.registerType(type("Authorizer"), {
    ctor: Authorizer,
    fields: { requestResource: type("ResourceCheck") },
  });
  environment.registerType(type("PathCheck"), PathCheck);
  environment.registerType(type("GroupCheck"), GroupCheck);
  environment.registerType(type("Decision"), Verdict);
  // deno-lint-ignore no-explicit-any -- the library calls them with what the signature says
  for (const [signature, does] of Object.entries<(...given: any[]) => unknown>(functions)) {
    const named = signature.replace(
      /(?<![\w.])(Authorizer|PathCheck|GroupCheck|ResourceCheck|Decision)\b/g,
      (name) => type(name),
    );
    environment.registerFunction(named, does);
  }
}
