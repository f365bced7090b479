/**
 * A root file system as an image's: what the base image has of libraries, what the Dockerfile copies, and nothing else; read-only,
 * with the program as its first process under the image's user. Needs root, as who may mount.
 */

import { dirname } from "node:path";
import { quoted } from "../node_agent/processes/container.ts";

/** Libraries of the packages libc6 and libgcc-s1, which the distroless image `cc` has. */
const ofBaseImage = /^(ld-linux-x86-64|ld-linux-aarch64|libc|libdl|libgcc_s|libm|libpthread|librt)\.so\.\d$/;

export interface TreeOptions {
  /** What the Dockerfile copies: path in the image → path here. */
  readonly files: Readonly<Record<string, string>>;
  /** What a pod mounts: path in the image → path here. */
  readonly mounts?: Readonly<Record<string, string>>;
  readonly user: number;
  readonly command: readonly string[];
  readonly env?: Readonly<Record<string, string>>;
}

/** Where the root is put together, in a mount namespace of its own. */
const root = "/mnt";

/** Starts the command in the tree. Its standard streams are pipes. */
export async function startInTree(options: TreeOptions): Promise<Deno.ChildProcess> {
  const { files, mounts = {}, user, command, env = {} } = options;
  const libraries = await librariesOf(files[command[0]]);
  return new Deno.Command("unshare", {
    args: [
      ...["--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--propagation=private"],
      ...["/bin/sh", "-c", script({ ...libraries, ...files, ...mounts }, user), "sh", ...command],
    ],
    clearEnv: true,
    env: { PATH: "/usr/sbin:/usr/bin:/sbin:/bin", ...env },
    stdin: "null",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
}

/** Sends a signal to the first process of the tree; `unshare` itself forwards none. */
export async function signalInTree({ pid }: Deno.ChildProcess, signal: Deno.Signal): Promise<void> {
  const children = await Deno.readTextFile(`/proc/${pid}/task/${pid}/children`);
  Deno.kill(Number(children.trim().split(" ")[0]), signal);
}

function script(paths: Readonly<Record<string, string>>, user: number): string {
  const devices = ["null", "urandom"].map((name) => [`/dev/${name}`, `/dev/${name}`] as const);
  const binds = [...Object.entries(paths), ...devices].flatMap(([to, from]) => {
    const target = quoted(root + to);
    const make = Deno.statSync(from).isDirectory ? `mkdir -p ${target}` : `: > ${target}`;
    return [`mkdir -p ${quoted(dirname(root + to))}`, make, `mount --bind ${quoted(from)} ${target}`];
  });
  return [
    "set -e",
    `mount -t tmpfs -o mode=0755 root ${root}`,
    `mkdir -p ${root}/proc`,
    ...binds,
    `mount -t proc proc ${root}/proc`,
    `mount -o remount,ro ${root}`,
    `exec setpriv --no-new-privs chroot --userspec=${user}:${user} --groups= ${root} "$@"`,
  ].join("\n");
}

/** The libraries that a program is linked with. @throws Error for one that the base image lacks */
async function librariesOf(program: string): Promise<Record<string, string>> {
  const { stdout } = await new Deno.Command("ldd", { args: [program] }).output();
  const paths = [...new TextDecoder().decode(stdout).matchAll(/(\/\S+) \(0x/g)].map(([, path]) => path);
  for (const path of paths) {
    const name = path.slice(path.lastIndexOf("/") + 1);
    if (!ofBaseImage.test(name)) throw new Error(`${program} needs ${name}, which the base image lacks`);
  }
  return Object.fromEntries(paths.map((path) => [path, Deno.realPathSync(path)]));
}
