/** What admission is told of a write. */
import type { JsonObject } from "../json.ts";
import type { Kind } from "../kinds/kind.ts";
import type { UserInfo } from "../user.ts";
import type { StoredObject } from "../store/store.ts";

export interface Attributes {
  readonly kind: Kind;
  readonly operation: "CREATE" | "UPDATE" | "DELETE";
  /** Which part is written: `status`, `scale`, or the object itself. */
  readonly subresource?: string;
  /** As it is to be, or was where it is deleted. */
  readonly object: JsonObject;
  /** What is stored, where something is. */
  readonly old?: StoredObject;
  readonly dryRun: boolean;
  readonly user: UserInfo;
  /** Whether it is a controller of the server's own that writes. */
  readonly byServer?: boolean;
  /** What the request says of how it is to be done. */
  readonly options?: JsonObject;
}

/** The name of what is written, as refusals quote it. */
export function nameOf({ object }: Attributes): string {
  return String((object.metadata as JsonObject).name ?? "");
}

/** The namespace of what is written; undefined for kinds of the whole cluster. */
export function namespaceOf({ kind, object }: Attributes): string | undefined {
  return kind.namespaced ? String((object.metadata as JsonObject).namespace) : undefined;
}

/** Whether it is about the kind of that name among the built-in ones. */
export function isBuiltIn({ kind }: Pick<Attributes, "kind">, group: string, name: string): boolean {
  return !kind.custom && kind.group === group && kind.kind === name;
}
