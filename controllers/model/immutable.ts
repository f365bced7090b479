/** Fields of a template that can never change to another value (api.md §10.1). */

import { type Hardware, type QuantityValue, sameQuantity } from "../../lib/api/mod.ts";
import type { Template } from "./scope.ts";

/**
 * The fields in which the template that is there would have to change although the API forbids it; setting
 * one that is not set, or removing one, is allowed.
 */
export function immutableChanges(live: Template, wanted: Template): string[] {
  const [now, then] = [live.spec, wanted.spec];
  const changed: string[] = [];
  if (now?.metric && then?.metric && now.metric !== then.metric) changed.push("metric");
  if (now?.precision && then?.precision && now.precision !== then.precision) changed.push("precision");
  if (now?.hardware && then?.hardware && !sameHardware(now.hardware, then.hardware)) changed.push("hardware");
  return changed;
}

const defaultResource = "amd.com/gpu";

function sameHardware(a: Hardware, b: Hardware): boolean {
  if ((a.gpu === undefined) !== (b.gpu === undefined) || (a.cpu === undefined) !== (b.cpu === undefined)) {
    return false;
  }
  return (a.gpu?.requests ?? 0) === (b.gpu?.requests ?? 0) &&
    (a.gpu?.model ?? "") === (b.gpu?.model ?? "") &&
    (a.gpu?.resourceName ?? defaultResource) === (b.gpu?.resourceName ?? defaultResource) &&
    same(a.gpu?.minVram, b.gpu?.minVram) &&
    same(a.cpu?.requests, b.cpu?.requests) &&
    same(a.cpu?.limits, b.cpu?.limits);
}

function same(a: QuantityValue | undefined, b: QuantityValue | undefined): boolean {
  return a === undefined || b === undefined ? a === b : sameQuantity(a, b);
}
