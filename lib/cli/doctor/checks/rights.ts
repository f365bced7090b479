/** Whether the operator's account has the rights that it uses, by the roles that are bound to it. */

import type { PolicyRule, RoleRef, Subject } from "kubernetes-types/rbac/v1";
import { managerRules } from "../../../rights/rules.ts";
import type { Feature } from "../../../rights/features.ts";
import {
  clusterRoleBindings,
  clusterRoles,
  httpRoutes,
  inferenceServices,
  modelSources,
  roleBindings,
  roles,
} from "../kinds.ts";
import { type FoundOperator, operatorsOf } from "../operators.ts";
import { type Check, listed, type Survey } from "../survey.ts";

export const rights: Check = (survey) => {
  if (!survey.saw(clusterRoles, clusterRoleBindings, roles, roleBindings)) return [];
  return operatorsOf(survey).filter(({ replicas }) => replicas > 0).flatMap((operator) => {
    const missing = (operator.namespaces ?? [undefined]).flatMap((namespace) =>
      missingIn(survey, operator, namespace)
    );
    if (missing.length === 0) return [];
    return [{
      check: "right-missing",
      about: `ServiceAccount ${operator.namespace}/${operator.account}`,
      says: `the operator may not ${listed(missing)}`,
      fix: operator.namespaces === undefined
        ? "kubectl apply -k manifests sets ClusterRole aim-engine-manager-role and its binding right"
        : "kubectl apply -k manifests/watched-namespace in each of its namespaces sets its Role and the binding right",
    }];
  });
};

/** What it may not do in a namespace, or (undefined) everywhere: `list nodes`. */
function missingIn(survey: Survey, operator: FoundOperator, namespace: string | undefined): string[] {
  const granted = rulesOf(survey, operator, namespace);
  const wanted = managerRules({ isScoped: operator.namespaces !== undefined, without: needless(survey) });
  return wanted.flatMap(({ group, resources, name, verbs }) =>
    resources.flatMap((resource) =>
      verbs.filter((verb) => !granted.some((rule) => allows(rule, { verb, group, resource, name })))
        .map((verb) => {
          const what = group === "" ? resource : `${resource}.${group}`;
          return `${verb} ${what}${namespace === undefined ? "" : ` in namespace ${namespace}`}`;
        })
    )
  );
}

/** What the cluster does not have needs no right. */
function needless(survey: Survey): ReadonlySet<Feature> {
  const features: [Feature, boolean][] = [
    ["kserve", survey.lacks(inferenceServices)],
    ["gateway", survey.lacks(httpRoutes)],
    ["model-sources", survey.all(modelSources).length === 0],
  ];
  return new Set(features.filter(([, is]) => is).map(([feature]) => feature));
}

/** The rules that hold for the operator's account there. */
function rulesOf(survey: Survey, operator: FoundOperator, namespace: string | undefined): PolicyRule[] {
  const inCluster = survey.all(clusterRoleBindings).filter(({ subjects }) => names(subjects, operator));
  const inNamespace = survey.all(roleBindings).filter(({ metadata, subjects }) =>
    metadata?.namespace === namespace && names(subjects, operator)
  );
  return [...inCluster, ...inNamespace].flatMap(({ roleRef, metadata }) =>
    rulesBehind(survey, roleRef, metadata?.namespace)
  );
}

function rulesBehind(survey: Survey, { kind, name }: RoleRef, namespace: string | undefined): PolicyRule[] {
  const role = kind === "ClusterRole"
    ? survey.all(clusterRoles).find(({ metadata }) => metadata?.name === name)
    : survey.all(roles).find(({ metadata }) => metadata?.name === name && metadata.namespace === namespace);
  return role?.rules ?? [];
}

function names(subjects: readonly Subject[] | undefined, { namespace, account }: FoundOperator): boolean {
  const groups = ["system:serviceaccounts", `system:serviceaccounts:${namespace}`, "system:authenticated"];
  return (subjects ?? []).some((subject) => {
    switch (subject.kind) {
      case "ServiceAccount":
        return subject.name === account && subject.namespace === namespace;
      case "User":
        return subject.name === `system:serviceaccount:${namespace}:${account}`;
      default:
        return groups.includes(subject.name);
    }
  });
}

interface Wish {
  readonly verb: string;
  readonly group: string;
  readonly resource: string;
  readonly name?: string;
}

function allows(rule: PolicyRule, { verb, group, resource, name }: Wish): boolean {
  const [, subresource] = resource.split("/");
  const covers = (all: readonly string[] | undefined, ...words: readonly string[]) =>
    (all ?? []).some((each) => each === "*" || words.includes(each));
  return covers(rule.verbs, verb) && covers(rule.apiGroups, group) &&
    covers(rule.resources, resource, ...(subresource === undefined ? [] : [`*/${subresource}`])) &&
    (!rule.resourceNames?.length || name !== undefined && rule.resourceNames.includes(name));
}
