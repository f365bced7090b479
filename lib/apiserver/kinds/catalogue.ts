/** Which kinds are served now: the built-in ones, and those of the definitions that are there. */
import type { JsonObject } from "../json.ts";
import { builtInKinds } from "./built_in.ts";
import { kindsOf } from "./custom.ts";
import { apiVersionOf, type Kind } from "./kind.ts";

export class Catalogue {
  readonly #byPath = new Map<string, Kind>();
  /** The kinds of a definition, by its name. */
  readonly #custom = new Map<string, readonly Kind[]>();
  /** By `apiVersion` and `kind`, until a kind comes or goes: every owner of every object that changes is looked up. */
  #byName: Map<string, Map<string, Kind>> | undefined;

  /** @param like begins with the kinds that this one serves */
  constructor(like?: Catalogue) {
    if (like === undefined) { for (const kind of builtInKinds) this.#byPath.set(pathOf(kind), kind); }
    else {
      for (const [path, kind] of like.#byPath) this.#byPath.set(path, kind);
      for (const [name, kinds] of like.#custom) this.#custom.set(name, kinds);
    }
  }

  find(group: string, version: string, plural: string): Kind | undefined {
    return this.#byPath.get(pathOf({ group, version, plural }));
  }

  /** By `apiVersion` and `kind`, as references name it. */
  byKind(apiVersion: string, kind: string): Kind | undefined {
    if (this.#byName === undefined) {
      this.#byName = new Map();
      for (const each of this.#byPath.values()) {
        const kinds = this.#byName.get(apiVersionOf(each)) ?? new Map<string, Kind>();
        if (!kinds.has(each.kind)) kinds.set(each.kind, each);
        this.#byName.set(apiVersionOf(each), kinds);
      }
    }
    return this.#byName.get(apiVersion)?.get(kind);
  }

  /** All, built-in ones first. */
  all(): Kind[] {
    return [...this.#byPath.values()];
  }

  /** Whether a group is served, in a version if one is given. */
  serves(group: string, version?: string): boolean {
    return this.all().some((kind) =>
      kind.group === group && (version === undefined || kind.version === version)
    );
  }

  /** Serves the kinds of a definition, in the place of what it said before. */
  define(definition: JsonObject): void {
    const name = (definition.metadata as { name: string }).name;
    this.undefine(name);
    const kinds = kindsOf(definition);
    for (const kind of kinds) this.#byPath.set(pathOf(kind), kind);
    this.#custom.set(name, kinds);
    this.#byName = undefined;
  }

  /** Serves the kinds of a definition no longer. */
  undefine(name: string): void {
    for (const kind of this.#custom.get(name) ?? []) this.#byPath.delete(pathOf(kind));
    this.#custom.delete(name);
    this.#byName = undefined;
  }
}

function pathOf({ group, version, plural }: Pick<Kind, "group" | "version" | "plural">): string {
  return `${group}/${version}/${plural}`;
}
