/** Which operators an installation has: this one, AIM Engine, or several. */

import type { Container } from "kubernetes-types/core/v1";
import { deployments } from "./kinds.ts";
import type { Survey } from "./survey.ts";

export interface FoundOperator {
  readonly namespace: string;
  readonly name: string;
  readonly account: string;
  readonly replicas: number;
  readonly available: number;
  readonly electsLeader: boolean;
  /** The namespaces where it acts; undefined: all. */
  readonly namespaces?: readonly string[];
}

/** By the labels of the manifests, of which AIM Engine has the same, or by the name of the image. */
export function operatorsOf(survey: Survey): FoundOperator[] {
  return survey.all(deployments).flatMap(({ metadata, spec, status }) => {
    const labels = metadata?.labels ?? {};
    const containers = spec?.template?.spec?.containers ?? [];
    const isLabelled = labels["control-plane"] === "controller-manager" &&
      labels["app.kubernetes.io/name"] === "aim-engine";
    const container = containers.find(isOperator) ?? (isLabelled ? containers[0] : undefined);
    if (container === undefined) return [];
    const args = [...container.command ?? [], ...container.args ?? []];
    const namespaces = flagOf(args, "namespace");
    return [{
      namespace: metadata?.namespace ?? "",
      name: metadata?.name ?? "",
      account: spec?.template?.spec?.serviceAccountName ?? "default",
      replicas: spec?.replicas ?? 1,
      available: status?.availableReplicas ?? 0,
      electsLeader: !["", "false", undefined].includes(flagOf(args, "leader-elect") ?? undefined),
      ...(namespaces && { namespaces: namespaces.split(",").map((each) => each.trim()).filter(Boolean) }),
    }];
  });
}

const isOperator = ({ image = "" }: Container) =>
  /\/?aim-(operator|engine)(-[a-z]+)?[:@]|\/?aim-(operator|engine)$/.test(image);

/** `--flag=value`, `--flag value`, or `true` of a bare `--flag`. */
function flagOf(args: readonly string[], flag: string): string | undefined {
  for (const [n, arg] of args.entries()) {
    const [, name, value] = /^--?([^=]+)(?:=(.*))?$/s.exec(arg) ?? [];
    if (name !== flag) continue;
    if (value !== undefined) return value;
    const next = args[n + 1];
    return next === undefined || next.startsWith("-") ? "true" : next;
  }
  return undefined;
}

/** Whether two of them act on the same objects. */
export function overlap(a: FoundOperator, b: FoundOperator): boolean {
  if (a.namespaces === undefined || b.namespaces === undefined) return true;
  return a.namespaces.some((namespace) => b.namespaces!.includes(namespace));
}
