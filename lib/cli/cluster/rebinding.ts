/**
 * What would come of resolving a service anew: the annotation `force-rebind` set to a new value. It is the operator's own
 * decision about the service as it would then be.
 */

import type { AIMService } from "../../api/mod.ts";
import { displaySize } from "../../api/mod.ts";
import { isQuantity, parseQuantity, wholeUnits } from "../../api/values/quantity.ts";
import type { Live } from "../../kube/object.ts";
import { annotation } from "../../operator/naming/labels.ts";
import { isReady } from "../../operator/status/status_words.ts";
import { choice } from "../../selection/mod.ts";
import { findCache } from "../../../controllers/service/cache/template_cache.ts";
import { inferenceServiceSlot } from "../../../controllers/service/endpoint/names.ts";
import { podsOf } from "../../../controllers/service/endpoint/runtime_health.ts";
import {
  refOf,
  type ResolvedTemplate,
  type TemplateRef,
} from "../../../controllers/service/resolve/resolved.ts";
import { resolve } from "../../../controllers/service/resolve/standing.ts";
import { choose } from "../../../controllers/service/resolve/template.ts";
import type { Look } from "./look.ts";
import { contextIn } from "./service.ts";

export interface Rebinding {
  readonly from: TemplateRef;
  readonly to: TemplateRef;
  /** What decides for the other template. */
  readonly because: string;
  /** So many pods would be replaced. */
  readonly pods: number;
  /** What would be downloaded, for people; absent where the weights are cached already. */
  readonly download?: string;
}

/** Undefined where the service would stay on its template, or nothing else is Ready. */
export function rebindingOf(service: Live<AIMService>, look: Look): Rebinding | undefined {
  const live = inferenceServiceSlot(service, look).child?.live;
  const from = resolve(contextIn(service, look), live !== undefined, look).reference;
  const asked = withWish(service);
  const { model, ready, rebinding } = resolve(contextIn(asked, look), live !== undefined, look);
  if (from === undefined || ready === undefined || model.found === undefined) return undefined;
  const to = refOf(ready);
  const stays = to.name === from.name && to.scope === from.scope;
  if (stays || rebinding === undefined || rebinding.waitsFor !== undefined) return undefined;
  const download = downloadFor(asked, ready, look);
  return {
    from,
    to,
    because: choice(choose(contextIn(asked, look), model.found, look)) ??
      `spec.template.name asks for ${to.name}`,
    pods: live === undefined ? 0 : podsOf(live, look).length,
    ...(download !== undefined && { download }),
  };
}

/** The service with a value of the annotation that nobody has carried out. */
function withWish(service: Live<AIMService>): Live<AIMService> {
  const annotations = { ...service.metadata.annotations, [annotation.forceRebind]: newWish() };
  return { ...service, metadata: { ...service.metadata, annotations } };
}

/** A value of `force-rebind` that was not there before. */
export function newWish(): string {
  return new Date().toISOString();
}

/** Nothing where a cache of that template is Ready; sizes that are not known yet are named as that. */
function downloadFor(service: Live<AIMService>, template: ResolvedTemplate, look: Look): string | undefined {
  const sources = template.object.status?.modelSources ?? [];
  if (sources.length === 0 || isReady(findCache(service, refOf(template), look))) return undefined;
  const sizes = sources.flatMap(({ size }) => isQuantity(size) ? [wholeUnits(parseQuantity(size))] : []);
  const known = sizes.filter((size) => size > 0n);
  const sum = known.reduce((all, each) => all + each, 0n);
  if (known.length === 0) return "weights of a size that is not known yet";
  return known.length < sources.length ? `${displaySize(sum)} and more` : displaySize(sum);
}

/** `would choose X now: GPU … ranks above …; 2 pods would restart, 34 GiB would be downloaded` */
export function rebindingInWords({ to, because, pods, download }: Rebinding): string {
  const restarts = `${pods} pod${pods === 1 ? "" : "s"} would restart`;
  return `would choose ${to.name} now: ${because.replace(/^chosen: /, "")}; ${restarts}, ${
    download ?? "nothing"
  } would be downloaded`;
}
