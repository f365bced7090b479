/** What a program may do, as Deno's permissions: the one list for its compiled file, for Deno's flags, and for the look at its start. */

/** A list holds all that is allowed of its kind; a name of the environment may end with `*`. */
export interface Permissions {
  readonly net: true;
  readonly read: readonly string[];
  readonly write?: readonly string[];
  readonly env: readonly string[];
  readonly sys: readonly string[];
}

/** The flags of `deno run` and `deno compile`. Paths must be absolute. */
export function permissionFlags({ net: _, ...lists }: Permissions): string[] {
  return [
    "--allow-net",
    ...Object.entries(lists).map(([kind, list]) => `--allow-${kind}=${list.join(",")}`),
  ];
}

/** Whether Deno allows something now. */
type Query = (descriptor: Deno.PermissionDescriptor) => boolean;

const granted: Query = (descriptor) => Deno.permissions.querySync(descriptor).state === "granted";

/**
 * A line that names what Deno does not allow, undefined if it allows everything. Looked at before the program begins: else the lack
 * would show hours later, as a failure of whatever needed it first.
 */
export function missingPermissions(
  { read, write = [], env, sys }: Permissions,
  allows: Query = granted,
): string | undefined {
  const lists: [kind: string, missing: readonly string[]][] = [
    ["read", read.filter((path) => !allows({ name: "read", path }))],
    ["write", write.filter((path) => !allows({ name: "write", path }))],
    ["env", env.filter((name) => !allows({ name: "env", variable: name.replace("*", "X") }))],
    [
      "sys",
      sys.filter((kind) => !allows({ name: "sys", kind: kind as Deno.SysPermissionDescriptor["kind"] })),
    ],
  ];
  const missing = [
    ...allows({ name: "net" }) ? [] : ["--allow-net"],
    ...lists.flatMap(([kind, list]) => list.length === 0 ? [] : [`--allow-${kind}=${list.join(",")}`]),
  ];
  if (missing.length === 0) return undefined;
  return `Deno does not allow what this program needs; start it with ${missing.join(" ")}`;
}
