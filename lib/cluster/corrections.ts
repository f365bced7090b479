/**
 * Corrections of a cache or artifact that several share and that has failed (spec/README "A service that finds a
 * Failed Shared cache"). Two that want different values would put them back and forth for ever, so each tries
 * each of its wishes once, and none tries what another has tried in vain.
 */

import * as z from "zod";
import { equalJson } from "../kube/json/equal.ts";
import type { KubeObject } from "../kube/object.ts";
import type { Edit } from "../operator/core/plan.ts";
import { sha256 } from "../operator/naming/naming.ts";

/** Who has tried (UID, or `maker`), and with which values: their hash. */
export const triesAnnotation = "aim.eai.amd.com/corrections";

const triesSchema = z.record(z.string(), z.string());

/**
 * The fields of the spec in question, as they are and as somebody wants them; an absent one is null. A key with a
 * slash is an annotation.
 */
export type Values = Readonly<Record<string, unknown>>;

export interface Correction {
  /** UID of who wants it, and whether it made the object. */
  readonly by: string;
  readonly made: boolean;
  readonly now: Values;
  readonly wanted: Values;
}

/** What the object's annotation says of tries so far. */
export function triesOf({ metadata }: KubeObject): string {
  return metadata?.annotations?.[triesAnnotation] ?? "{}";
}

/**
 * The merge patch of a correction; undefined where nothing differs, where it was tried in vain, or where the
 * object has not failed and it is another's wish that stands there.
 * @param soFar what {@link triesOf} says of the object
 * @param failed whether the values that stand there have had their chance
 */
export function correction(soFar: string, wish: Correction, failed: boolean): Edit["patch"] | undefined {
  const { by, made, now, wanted } = wish;
  if (equalJson(now, wanted)) return undefined;
  const tries = parsed(soFar);
  const others = Object.entries(tries).filter(([who]) => who !== by);
  if (!failed && !(made && others.length === 0)) return undefined;
  const mine = hashOf(wanted);
  if (tries[by] === mine || others.some(([, tried]) => tried === mine)) return undefined;
  const first = Object.keys(tries).length === 0 && !made ? { maker: hashOf(now) } : {};
  const record = { [triesAnnotation]: JSON.stringify({ ...tries, ...first, [by]: mine }) };
  const [annotations, spec] = split(wanted);
  return { metadata: { annotations: { ...annotations, ...record } }, spec };
}

function split(wanted: Values): readonly [annotations: Values, spec: Values] {
  const part = (ofAnnotations: boolean) =>
    Object.fromEntries(Object.entries(wanted).filter(([key]) => key.includes("/") === ofAnnotations));
  return [part(true), part(false)];
}

function parsed(tries: string): Record<string, string> {
  try {
    return triesSchema.parse(JSON.parse(tries));
  } catch {
    return {};
  }
}

function hashOf(values: Values): string {
  return sha256(JSON.stringify(Object.entries(values).sort(([a], [b]) => a < b ? -1 : 1))).slice(0, 8);
}
