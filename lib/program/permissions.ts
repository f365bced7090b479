/** What a program may do, as Deno's permissions: the one list for its compiled file, for Deno's flags, and for the look at its start. */

/** A list holds all that is allowed of its kind, true allows everything; a name of the environment may end with `*`. */
export interface Permissions {
  readonly net: true;
  readonly read: true | readonly string[];
  readonly write?: true | readonly string[];
  readonly env: readonly string[];
  readonly sys?: readonly string[];
  /** Only of a program that runs what its user's files name. */
  readonly run?: true;
}

/** The flags of `deno run` and `deno compile`. Paths must be absolute. */
export function permissionFlags(permissions: Permissions): string[] {
  return Object.entries(permissions).map(([kind, allowed]) => permissionFlag(kind, allowed));
}

function permissionFlag(kind: string, allowed: true | readonly string[]): string {
  return allowed === true ? `--allow-${kind}` : `--allow-${kind}=${allowed.join(",")}`;
}

/** Whether Deno allows something now. */
type Query = (descriptor: Deno.PermissionDescriptor) => boolean;

const granted: Query = (descriptor) => Deno.permissions.querySync(descriptor).state === "granted";

/** What is asked about an entry of a list, or about everything of a kind. */
const descriptorOf: Readonly<Record<keyof Permissions, (entry?: string) => Deno.PermissionDescriptor>> = {
  net: () => ({ name: "net" }),
  read: (path) => ({ name: "read", path }),
  write: (path) => ({ name: "write", path }),
  env: (name) => ({ name: "env", variable: name?.replace("*", "X") }),
  sys: (kind) => ({ name: "sys", kind: kind as Deno.SysPermissionDescriptor["kind"] }),
  run: () => ({ name: "run" }),
};

/**
 * A line that names what Deno does not allow, undefined if it allows everything. Looked at before the program begins: else the lack
 * would show hours later, as a failure of whatever needed it first.
 */
export function missingPermissions(
  permissions: Permissions,
  allows: Query = granted,
): string | undefined {
  const missing = Object.entries(permissions).flatMap(
    ([kind, wanted]: [string, true | readonly string[]]) => {
      const ask = descriptorOf[kind as keyof Permissions];
      if (wanted === true) return allows(ask()) ? [] : [permissionFlag(kind, true)];
      const lacking = wanted.filter((entry) => !allows(ask(entry)));
      return lacking.length === 0 ? [] : [permissionFlag(kind, lacking)];
    },
  );
  if (missing.length === 0) return undefined;
  return `Deno does not allow what this program needs; start it with ${missing.join(" ")}`;
}
