/** What routes need, where somebody wants any. */

import type { ServiceRuntimeConfig } from "../../../api/mod.ts";
import {
  clusterRuntimeConfigs,
  gatewayClasses,
  gateways,
  httpRoutes,
  runtimeConfigs,
  services,
} from "../kinds.ts";
import { type Check, type Finding, nameOf, type Survey } from "../survey.ts";

/** A setting of routing, and whose it is. */
interface Wish {
  readonly of: string;
  readonly routing: NonNullable<ServiceRuntimeConfig["routing"]>;
  readonly namespace?: string;
}

export const gateway: Check = (survey) => {
  const wishes = wishesOf(survey);
  const [first] = wishes.filter(({ routing }) => routing.enabled);
  if (first === undefined) return [];
  if (survey.lacks(httpRoutes)) {
    return [{
      check: "gateway-api-missing",
      about: "the Gateway API",
      says: `${first.of} wants routes, and the cluster has no HTTPRoutes`,
      fix: "install the Gateway API and a gateway: README, Install, step 2",
    }];
  }
  const classes = survey.all(gatewayClasses);
  if (classes.length === 0 && survey.saw(gatewayClasses)) {
    return [{
      check: "gateway-class-missing",
      about: "GatewayClass",
      says: `${first.of} wants routes, and the cluster has no GatewayClass: no gateway serves them`,
      fix: "install a gateway's controller, kgateway for instance: README, Install, step 2",
    }];
  }
  if (!survey.saw(gateways, gatewayClasses)) return [];
  const named = new Map<string, Finding[]>();
  for (const wish of wishes) {
    const { name, namespace = wish.namespace } = wish.routing.gatewayRef ?? {};
    if (name === undefined || namespace === undefined) continue;
    named.set(`${namespace}/${name}`, gatewayFindings(survey, `${namespace}/${name}`, wish));
  }
  return [...named.values()].flat();
};

function wishesOf(survey: Survey): Wish[] {
  const all = [
    ...survey.all(clusterRuntimeConfigs),
    ...survey.all(runtimeConfigs),
    ...survey.all(services),
  ];
  return all.flatMap((object) => {
    const { kind = "", metadata, spec } = object;
    return spec?.routing === undefined
      ? []
      : [{ of: `${kind} ${nameOf(object)}`, routing: spec.routing, namespace: metadata?.namespace }];
  });
}

function gatewayFindings(survey: Survey, name: string, { of }: Wish): Finding[] {
  const found = survey.all(gateways).find((each) => nameOf(each) === name);
  const about = `Gateway ${name}`;
  if (found === undefined) {
    return [{
      check: "gateway-missing",
      about,
      says: `${of} names it, and it does not exist: routes are never accepted`,
      fix: "create it, or name another in routing.gatewayRef",
    }];
  }
  const className = found.spec?.gatewayClassName ?? "";
  const gatewayClass = survey.all(gatewayClasses).find(({ metadata }) => metadata?.name === className);
  const accepted = gatewayClass?.status?.conditions?.find(({ type }) => type === "Accepted");
  if (accepted?.status !== "True") {
    return [{
      check: "gateway-class-unaccepted",
      about: `GatewayClass ${className}`,
      says: gatewayClass === undefined
        ? `${about} names it, and it does not exist`
        : `no controller has accepted it${
          accepted?.message ? `: ${accepted.message}` : ""
        }: ${about} serves nothing`,
      fix: "install the controller of that class, or give the Gateway another class",
    }];
  }
  const programmed = found.status?.conditions?.find(({ type }) => type === "Programmed");
  if (programmed === undefined || programmed.status === "True") return [];
  return [{
    check: "gateway-unprogrammed",
    about,
    says: `its controller does not serve it: ${programmed.reason}, ${programmed.message}`,
    fix: `kubectl describe gateway ${found.metadata?.name} -n ${found.metadata?.namespace}`,
  }];
}
