/** Codes of causes against the world at rest: what a service's `Ready` names is so, and who is Ready names nothing. */

import type { Code } from "../../../lib/operator/errors/codes.ts";
import { causeOfReady } from "../../causes/code_of_ready.ts";
import type { History } from "./history.ts";
import type { AnyObject } from "./whole_cluster.ts";

interface Case {
  readonly history: History;
  readonly service: AnyObject;
}

const nameOfModel = ({ service }: Case) => service.spec.model?.name;

/** Whether one of these objects exists in the namespace or in the cluster. */
const exists = ({ history }: Case, name: string, ...plurals: Parameters<History["get"]>[0][]) =>
  plurals.some((plural) => history.get(plural, name) !== undefined);

const somePod = (test: (pod: AnyObject) => boolean) => ({ history }: Case) => history.list("pods").some(test);

const someContainer = (test: (container: AnyObject) => boolean) =>
  somePod(({ status }) => (status?.containerStatuses ?? []).some(test));

/** What a Job's pods did is remembered until the next attempt, by a reason or, of a template's discovery, in words. */
const remembered = (reason: string, said?: RegExp) => ({ history }: Case) =>
  (["aimartifacts", "aimservicetemplates", "aimclusterservicetemplates"] as const).flatMap((plural) =>
    history.list(plural)
  ).some(({ status }) =>
    status?.conditions?.some((each: AnyObject) =>
      each.status === "False" && (each.reason === reason || said?.test(each.message))
    )
  );

const either = (...tests: ((which: Case) => boolean)[]) => (which: Case) => tests.some((test) => test(which));

const isPlaceless = somePod(({ spec, status }) =>
  spec.nodeName === undefined && (status?.phase ?? "Pending") === "Pending"
);

/**
 * Code → whether its cause is in the world. What a registry or the log of a Job has said is true of the time when it was
 * asked, and is not judged.
 */
const truths: Partial<Record<Code, (which: Case) => boolean>> = {
  "AIM-0101": (which) =>
    nameOfModel(which) === undefined ||
    !exists(which, nameOfModel(which), "aimmodels", "aimclustermodels"),
  "AIM-0111": (which) =>
    !exists(
      which,
      which.service.spec.template?.name ?? "",
      "aimservicetemplates",
      "aimclusterservicetemplates",
    ),
  "AIM-0112": ({ history, service }) => {
    const model = service.status?.resolvedModel?.name ?? service.spec.model?.name;
    return ![...history.list("aimservicetemplates"), ...history.list("aimclusterservicetemplates")]
      .some(({ spec }) => spec.modelName === model);
  },
  "AIM-0113": ({ history, service }) =>
    history.list("aimservicetemplates").concat(history.list("aimclusterservicetemplates"))
      .every(({ metadata }) => metadata.uid !== service.status?.resolvedTemplate?.uid),
  "AIM-0201": (which) =>
    !exists(
      which,
      which.service.spec.runtimeConfigName ?? "",
      "aimruntimeconfigs",
      "aimclusterruntimeconfigs",
    ),
  "AIM-0312": ({ history }) =>
    history.list("persistentvolumeclaims").some(({ spec, status }) =>
      status?.phase === "Pending" &&
      (spec.storageClassName === undefined ||
        history.get("storageclasses", spec.storageClassName) === undefined)
    ),
  "AIM-0401": isPlaceless,
  "AIM-0402": isPlaceless,
  "AIM-0403": isPlaceless,
  "AIM-0404": isPlaceless,
  "AIM-0405": isPlaceless,
  "AIM-0406": isPlaceless,
  "AIM-0409": isPlaceless,
  "AIM-0411": either(
    someContainer(({ state, lastState }) =>
      [state, lastState].some((each) => each?.terminated?.reason === "OOMKilled")
    ),
    remembered("PodOOMKilled", /exit code 137: OOMKilled/),
  ),
  "AIM-0412": someContainer(({ restartCount }) => restartCount > 0),
  "AIM-0501": ({ history }) => !history.isInstalled("inferenceservices"),
  "AIM-0601": ({ history }) => !history.isInstalled("httproutes"),
  "AIM-0602": ({ service }) => service.spec.routing?.enabled === true && !service.spec.routing.gatewayRef,
  "AIM-0901": either(
    someContainer(({ state }) => /ErrImage|ImagePull/.test(state?.waiting?.reason ?? "")),
    remembered("ImageNotFound"),
    ({ history }) =>
      history.list("aimmodels").concat(history.list("aimclustermodels")).some(({ status }) =>
        status?.conditions?.some(({ reason }: AnyObject) => reason === "ImageNotFound")
      ),
  ),
};

/** What a service's code says, and is not so. */
export function untrueCode(history: History, service: AnyObject): string[] {
  const { code, fault } = causeOfReady(service);
  if (fault !== undefined) return [fault];
  if (code === undefined) return [];
  if (truths[code]?.({ history, service }) ?? true) return [];
  const ready = service.status.conditions.find(({ type }: AnyObject) => type === "Ready");
  return [`names ${code}, which is not so: ${ready.message}`];
}
