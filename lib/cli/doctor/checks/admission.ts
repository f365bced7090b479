/** Who refuses what the operator, KServe and Kubernetes make for it: webhooks, Pod Security, quotas. */

import type { ValidatingWebhook } from "kubernetes-types/admissionregistration/v1";
import type { ObjectCondition } from "../../../operator/objects.ts";
import { uses } from "../../../rights/uses.ts";
import {
  deployments,
  endpointSlices,
  mutatingWebhooks,
  ownKinds,
  refusals,
  validatingWebhooks,
} from "../kinds.ts";
import { type Check, type Finding, nameOf, type Survey } from "../survey.ts";

/** How the API server says who refused, and what helps. Its words are the same in every place that quotes them. */
const refusers: readonly {
  readonly check: string;
  readonly words: RegExp;
  readonly about: (name: string, namespace: string) => string;
  readonly fix: (name: string, namespace: string) => string;
}[] = [
  {
    check: "webhook-refuses",
    words: /admission webhook "([^"]+)" denied the request/,
    about: (name) => `webhook ${name}`,
    fix: (name, namespace) =>
      `change what it asks for, or leave namespace ${namespace} out of its namespaceSelector: kubectl get ` +
      `validatingwebhookconfigurations,mutatingwebhookconfigurations -o yaml | grep -n ${name}`,
  },
  {
    check: "webhook-unreachable",
    words: /failed calling webhook "([^"]+)"/,
    about: (name) => `webhook ${name}`,
    fix: () => "start the program behind it, or delete its configuration if it is a left-over",
  },
  {
    check: "pod-security",
    words: /violates PodSecurity "([^"]+)"/,
    about: (level, namespace) => `Pod Security ${level} of namespace ${namespace}`,
    fix: (level, namespace) =>
      /^restricted/.test(level)
        ? `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=baseline --overwrite`
        : `kubectl label namespace ${namespace} pod-security.kubernetes.io/enforce=privileged --overwrite`,
  },
  {
    check: "quota",
    words: /exceeded quota: ([^,]+)/,
    about: (name, namespace) => `ResourceQuota ${namespace}/${name}`,
    fix: (name, namespace) =>
      `raise it, or make room in it: kubectl describe resourcequota ${name} -n ${namespace}`,
  },
];

export const admission: Check = (survey) => {
  const found = new Map<string, Finding>();
  for (const { namespace, of, text } of refusedIn(survey)) {
    const refuser = refusers.find(({ words }) => words.test(text));
    if (refuser === undefined) continue;
    const [, name] = refuser.words.exec(text)!;
    const about = refuser.about(name, namespace);
    if (found.has(about)) continue;
    found.set(about, {
      check: refuser.check,
      about,
      says: `it keeps ${of} from being made: ${text}`,
      fix: refuser.fix(name, namespace),
    });
  }
  const known = [...found.values()];
  return [...known, ...deadWebhooks(survey).filter(({ about }) => !found.has(about))];
};

interface Refused {
  readonly namespace: string;
  readonly of: string;
  readonly text: string;
}

/** What statuses and events quote of refusals, the newest state of each object. */
function refusedIn(survey: Survey): Refused[] {
  const quoted = ownKinds.flatMap((kind) => survey.all(kind)).flatMap((object) => {
    const { status } = object as { readonly status?: { readonly conditions?: readonly ObjectCondition[] } };
    return (status?.conditions ?? []).filter(({ status }) => status === "False").map(({ message = "" }) => ({
      namespace: object.metadata?.namespace ?? "",
      of: `what ${object.kind} ${nameOf(object)} needs`,
      text: message,
    }));
  });
  const replicas = survey.all(deployments).flatMap((deployment) =>
    (deployment.status?.conditions ?? []).filter(({ type, status }) =>
      type === "ReplicaFailure" && status === "True"
    )
      .map(({ message = "" }) => ({
        namespace: deployment.metadata?.namespace ?? "",
        of: `pods of Deployment ${nameOf(deployment)}`,
        text: message,
      }))
      .filter(() => deployment.metadata?.labels?.["serving.kserve.io/inferenceservice"] !== undefined)
  );
  const jobs = survey.all(refusals).filter(({ involvedObject, metadata }) =>
    involvedObject?.kind === "Job" && isRecent(survey, metadata?.creationTimestamp)
  ).map(({ involvedObject, message = "" }) => ({
    namespace: involvedObject?.namespace ?? "",
    of: `pods of Job ${involvedObject?.namespace}/${involvedObject?.name}`,
    text: message,
  }));
  return [...replicas, ...jobs, ...quoted];
}

/** Milliseconds: an older event tells of what was. */
const recent = 15 * 60_000;

function isRecent({ now }: Survey, time: unknown): boolean {
  return now === undefined || !(now - Date.parse(String(time ?? "")) > recent);
}

/** Webhooks without which nothing of ours is made, and behind which nobody listens. */
function deadWebhooks(survey: Survey): Finding[] {
  if (!survey.saw(endpointSlices)) return [];
  const all = [...survey.all(validatingWebhooks), ...survey.all(mutatingWebhooks)];
  return all.flatMap((configuration) =>
    (configuration.webhooks ?? []).flatMap((webhook) => {
      const { service } = webhook.clientConfig;
      const isDead = webhook.failurePolicy !== "Ignore" && service !== undefined && concernsUs(webhook) &&
        !hasEndpoint(survey, service.namespace, service.name);
      return isDead
        ? [{
          check: "webhook-unreachable",
          about: `webhook ${webhook.name}`,
          says:
            `it decides on objects that the operator makes (${configuration.metadata?.name}), and nobody listens behind ` +
            `Service ${service.namespace}/${service.name}: they are refused`,
          fix: "start the program behind it, or delete its configuration if it is a left-over",
        }]
        : [];
    })
  );
}

const writes = new Set(["create", "patch", "update"]);
/** What the operator, and Kubernetes for it, makes. */
const made = [
  ...uses.filter(({ verb }) => writes.has(verb)).map(({ group, resource }) => ({
    group,
    resource: resource.split("/")[0],
  })),
  { group: "", resource: "pods" },
  { group: "apps", resource: "deployments" },
];

/** A rule as the API has it: of its fields the types name two only. */
interface WebhookRule {
  readonly apiGroups?: readonly string[];
  readonly resources?: readonly string[];
  readonly operations?: readonly string[];
}

function concernsUs({ rules = [] }: Pick<ValidatingWebhook, "rules">): boolean {
  const covers = (all: readonly string[] | undefined, word: string) =>
    (all ?? []).some((each) => each === "*" || each === word);
  return (rules as readonly WebhookRule[]).some(({ apiGroups, resources, operations }) =>
    (covers(operations, "CREATE") || covers(operations, "UPDATE")) &&
    made.some(({ group, resource }) =>
      covers(apiGroups, group) && (covers(resources, resource) || covers(resources, "*/*"))
    )
  );
}

function hasEndpoint(survey: Survey, namespace: string, service: string): boolean {
  return survey.all(endpointSlices).some(({ metadata, endpoints }) =>
    metadata?.namespace === namespace && metadata.labels?.["kubernetes.io/service-name"] === service &&
    (endpoints ?? []).some(({ conditions }) => conditions?.ready !== false)
  );
}
