/**
 * What CEL has in Kubernetes beyond the language itself: more of strings, lists and sets, quantities, URLs and regular
 * expressions; the authorizer is in `authorizer.ts`. Not among them: IP addresses, versions and named formats.
 */
import type { Environment } from "@marcbachmann/cel-js";
import { compareQuantities, isQuantity, parseQuantity } from "../../api/values/quantity.ts";
import { equalJson } from "../../kube/json/equal.ts";

type List = readonly unknown[];

class Quantity {
  constructor(readonly nano: bigint) {}
}

class Url {
  constructor(readonly url: URL) {}
}

const perUnit = 1_000_000_000n;

/** Teaches an environment all of them. */
export function addFunctions(environment: Environment): void {
  environment.registerType("kubernetes.Quantity", Quantity);
  environment.registerType("kubernetes.URL", Url);
  environment.registerType("kubernetes.Sets", Sets);
  for (const functions of [strings, lists, sets, quantities, urls]) {
    // deno-lint-ignore no-explicit-any -- the library calls them with what the signature says
    for (const [signature, does] of Object.entries<(...given: any[]) => unknown>(functions)) {
      environment.registerFunction(signature, does);
    }
  }
  environment.registerConstant("sets", "kubernetes.Sets", new Sets());
}

const strings = {
  "string.replace(string, string): string": (text: string, from: string, to: string) =>
    text.replaceAll(from, () => to),
  "string.replace(string, string, int): string": replaceSome,
  "string.charAt(int): string": (text: string, at: bigint) => {
    const characters = [...text];
    if (at < 0n || at > BigInt(characters.length)) throw new Error(`index out of range: ${at}`);
    return characters[Number(at)] ?? "";
  },
  "string.find(string): string": (text: string, pattern: string) => new RegExp(pattern).exec(text)?.[0] ?? "",
  "string.findAll(string): list<string>": (text: string, pattern: string) => found(text, pattern),
  "string.findAll(string, int): list<string>": (text: string, pattern: string, most: bigint) =>
    most < 0n ? found(text, pattern) : found(text, pattern).slice(0, Number(most)),
  "string.format(list): string": (text: string, values: List) => formatted(text, values),
};

function found(text: string, pattern: string): string[] {
  return [...text.matchAll(new RegExp(pattern, "g"))].map(([whole]) => whole);
}

/** @param most so many of them; all where it is below 0 */
function replaceSome(text: string, from: string, to: string, most: bigint): string {
  let left = most < 0n ? Infinity : Number(most);
  return text.replaceAll(from, (whole) => left-- > 0 ? to : whole);
}

/** `%s` and `%d`: what messages use. */
function formatted(text: string, values: List): string {
  let next = 0;
  return text.replace(/%(%|[sd])/g, (_, verb) => {
    if (verb === "%") return "%";
    if (next >= values.length) throw new Error(`index ${next} out of range`);
    return shown(values[next++]);
  });
}

function shown(value: unknown): string {
  if (Array.isArray(value)) return `[${value.map(shown).join(", ")}]`;
  if (typeof value !== "object" || value === null) return String(value);
  return `{${Object.entries(value).map(([key, item]) => `${key}: ${shown(item)}`).sort().join(", ")}}`;
}

const position = (at: number) => BigInt(at);

const lists = {
  "list.isSorted(): bool": (list: List) => list.every((item, i) => i === 0 || !isBefore(item, list[i - 1])),
  "list.sum(): dyn": (list: List) =>
    list.reduce((sum, item) => (sum as number) + (item as number), typeof list[0] === "bigint" ? 0n : 0),
  "list.min(): dyn": (list: List) => extreme(list, "min", (a, b) => isBefore(a, b)),
  "list.max(): dyn": (list: List) => extreme(list, "max", (a, b) => isBefore(b, a)),
  "list.indexOf(dyn): int": (list: List, item: unknown) =>
    position(list.findIndex((each) => same(each, item))),
  "list.lastIndexOf(dyn): int": (list: List, item: unknown) =>
    position(list.findLastIndex((each) => same(each, item))),
};

function isBefore(a: unknown, b: unknown): boolean {
  return (a as number) < (b as number);
}

function same(a: unknown, b: unknown): boolean {
  return a === b || typeof a === "object" && equalJson(a, b);
}

function extreme(list: List, what: string, isBetter: (a: unknown, b: unknown) => boolean): unknown {
  if (list.length === 0) throw new Error(`${what} called on empty list`);
  return list.reduce((best, item) => isBetter(item, best) ? item : best);
}

/** What `sets` stands for in `sets.contains(a, b)`. */
class Sets {}

const within = (all: List, some: List) => some.every((item) => all.some((each) => same(each, item)));

const sets = {
  "kubernetes.Sets.contains(list, list): bool": (_: Sets, a: List, b: List) => within(a, b),
  "kubernetes.Sets.equivalent(list, list): bool": (_: Sets, a: List, b: List) => within(a, b) && within(b, a),
  "kubernetes.Sets.intersects(list, list): bool": (_: Sets, a: List, b: List) =>
    a.some((item) => within(b, [item])),
};

const quantities = {
  "quantity(string): kubernetes.Quantity": (text: string) => {
    if (!isQuantity(text)) {
      throw new Error("quantities must match the regular expression of resource.Quantity");
    }
    return new Quantity(parseQuantity(text).nano);
  },
  "isQuantity(string): bool": (text: string) => isQuantity(text),
  "sign(kubernetes.Quantity): int": ({ nano }: Quantity) => nano > 0n ? 1n : nano < 0n ? -1n : 0n,
  "kubernetes.Quantity.isGreaterThan(kubernetes.Quantity): bool": (a: Quantity, b: Quantity) =>
    a.nano > b.nano,
  "kubernetes.Quantity.isLessThan(kubernetes.Quantity): bool": (a: Quantity, b: Quantity) => a.nano < b.nano,
  "kubernetes.Quantity.compareTo(kubernetes.Quantity): int": (a: Quantity, b: Quantity) =>
    BigInt(compareQuantities({ ...a, notation: "decimal" }, { ...b, notation: "decimal" })),
  "kubernetes.Quantity.asApproximateFloat(): double": ({ nano }: Quantity) => Number(nano) / Number(perUnit),
  "kubernetes.Quantity.isInteger(): bool": ({ nano }: Quantity) => nano % perUnit === 0n,
  "kubernetes.Quantity.asInteger(): int": ({ nano }: Quantity) => {
    if (nano % perUnit !== 0n) throw new Error("cannot convert value to integer");
    return nano / perUnit;
  },
  "kubernetes.Quantity.add(kubernetes.Quantity): kubernetes.Quantity": (a: Quantity, b: Quantity) =>
    new Quantity(a.nano + b.nano),
  "kubernetes.Quantity.add(int): kubernetes.Quantity": (a: Quantity, b: bigint) =>
    new Quantity(a.nano + b * perUnit),
  "kubernetes.Quantity.sub(kubernetes.Quantity): kubernetes.Quantity": (a: Quantity, b: Quantity) =>
    new Quantity(a.nano - b.nano),
  "kubernetes.Quantity.sub(int): kubernetes.Quantity": (a: Quantity, b: bigint) =>
    new Quantity(a.nano - b * perUnit),
};

const urls = {
  "url(string): kubernetes.URL": (text: string) => {
    const url = urlOf(text);
    if (url === undefined) throw new Error(`URL parse error during conversion from string: parse "${text}"`);
    return new Url(url);
  },
  "isURL(string): bool": (text: string) => urlOf(text) !== undefined,
  "kubernetes.URL.getScheme(): string": ({ url }: Url) => url.protocol.replace(/:$/, ""),
  "kubernetes.URL.getHost(): string": ({ url }: Url) => url.host,
  "kubernetes.URL.getHostname(): string": ({ url }: Url) => url.hostname,
  "kubernetes.URL.getPort(): string": ({ url }: Url) => url.port,
  "kubernetes.URL.getEscapedPath(): string": ({ url }: Url) => url.pathname,
};

function urlOf(text: string): URL | undefined {
  return URL.parse(text) ?? undefined;
}
