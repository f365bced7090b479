import type { AnyKind } from "../../kube/cache/cached_kind.ts";
import { managerNamed } from "../naming/labels.ts";
import type { Pass } from "./pass.ts";

/** A pass over object `n/a`. */
export function passOf(controllerName: string, kind: AnyKind): Pass {
  const manager = managerNamed(controllerName);
  return { controllerName, manager, kind, namespace: "n", name: "a", reconcileID: "0b54ed5e" };
}
