/** `kubectl aim status [SERVICE]`: the path of one service with the place where it breaks, or all services in a table. */

import { services } from "../../cluster/kinds.ts";
import { Look } from "../cluster/look.ts";
import { type Link, type Path, pathOf } from "../cluster/path.ts";
import type { ReadCluster } from "../cluster/read.ts";
import { rebindingInWords } from "../cluster/rebinding.ts";
import { serviceIn } from "../cluster/service.ts";
import { type Colours, plain } from "../output/colours.ts";
import { table, type TableOptions, wrapped } from "../output/table.ts";
import { causeOf, type Code } from "../../operator/errors/codes.ts";
import { adviceFor } from "./explain.ts";

/** @throws CommandFault where there is no such service */
export function pathOfService(cluster: ReadCluster, namespace: string, name: string): Path {
  const look = new Look(cluster.cache, cluster.at);
  return pathOf(serviceIn(cluster, look, namespace, name), look, { withRebinding: true });
}

/** The paths of all services that were read, by namespace and name; the table has no room for their rebinding. */
export function pathsOfAll(cluster: ReadCluster, { withRebinding = false } = {}): Path[] {
  const store = cluster.cache.store(services);
  const look = new Look(cluster.cache, cluster.at);
  return [...store.keys()].sort().flatMap((key) => {
    const [namespace, name] = key.split("/");
    const service = store.get(namespace, name);
    return service === undefined ? [] : [pathOf(service, look, { withRebinding })];
  });
}

export interface StatusOptions extends TableOptions {
  readonly colours?: Colours;
}

/** One service: its links from below, and under them why the first broken one is broken and what helps. */
export function pathInWords(path: Path, options: StatusOptions = {}): string[] {
  const { colours = plain } = options;
  const { namespace, name, links, broken } = path;
  const rows = links.map((link, n) => [
    colours[colourOf(link)](markOf(link, n === broken)),
    link.part,
    link.name || "-",
    link.state,
    link.says,
  ]);
  return [
    ...wrapped(`${namespace}/${name}: ${path.state || "no status yet"}`, options.width ?? Infinity),
    ...(path.state === "" ? ["No operator has looked at it yet."] : []),
    ...(path.outdated
      ? ["The status is about an older spec: the operator has not looked at the newest yet."]
      : []),
    "",
    ...table(["", "PART", "NAME", "STATE", "SAYS"], rows, options),
    ...troublesOf(path).flatMap(({ link, code }, n) => ["", ...troubleInWords(link, code, n > 0, options)]),
    ...(path.rebinding === undefined ? [] : [
      "",
      ...wrapped(
        `It ${rebindingInWords(path.rebinding)} (kubectl aim rebind ${name})`,
        options.width ?? Infinity,
      ),
    ]),
  ];
}

/** All services: one line each, with the part where its path breaks. */
export function pathsInTable(paths: readonly Path[], options: StatusOptions = {}): string[] {
  return table(
    ["NAMESPACE", "NAME", "STATUS", "BROKEN AT", "WHY"],
    paths.map((path) => {
      const troubles = troublesOf(path);
      const why = troubles.map(({ link, code }) =>
        [link.trouble?.reason, code && `(${code})`].filter(Boolean).join(" ")
      );
      return [
        path.namespace,
        path.name,
        path.state || "-",
        troubles.map(({ link }) => link.part).join(", "),
        why.join(", "),
      ];
    }),
    options,
  );
}

/** The link at which the path breaks, and the one that `Ready` blames where that is another; each with its code. */
function troublesOf({ links, broken, blamed, code }: Path): { link: Link; code?: Code }[] {
  if (broken === undefined) return [];
  if (blamed === undefined) return [{ link: links[broken], code }];
  return [{ link: links[broken] }, { link: links[blamed], code }];
}

function troubleInWords(
  { part, trouble }: Link,
  code: Code | undefined,
  isFurther: boolean,
  { width = Infinity }: StatusOptions,
): string[] {
  const { reason = "", message = "" } = trouble ?? {};
  const advice = code === undefined ? adviceFor(reason) : causeOf(code).remedy;
  return [
    ...wrapped(`${isFurther ? "And" : "The path breaks"} at the ${part}: ${reason}`, width),
    ...wrapped(`  ${message}`, width),
    ...(advice === undefined ? [] : wrapped(`  What helps: ${advice}`, width)),
    ...(code === undefined
      ? []
      : wrapped(`  Cause: ${code}, ${causeOf(code).title} (kubectl aim explain ${code})`, width)),
  ];
}

/** What is merely on its way is no break in red. */
function colourOf({ trouble, flaw }: Link): keyof Colours {
  if (trouble === undefined) return flaw === undefined ? "green" : "yellow";
  return adviceFor(trouble.reason) === undefined ? "yellow" : "red";
}

function markOf({ trouble, flaw }: Link, isFirst: boolean): string {
  if (trouble === undefined) return flaw === undefined ? "ok" : "--";
  return isFirst ? "->" : "--";
}
