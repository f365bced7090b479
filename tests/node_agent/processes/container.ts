/**
 * One run of a container as a real process: in a mount and a process namespace of its own, with a root file system
 * that holds this machine's programs, the image's and the pod's volumes, as the user that the pod asks for.
 *
 * The network is this machine's.
 */

import type { Warden } from "../../control_plane/processes/warden.ts";
import { inImage } from "./image.ts";

/** What a container is started with. */
export interface ContainerSetup {
  readonly command: readonly string[];
  readonly env: Readonly<Record<string, string>>;
  readonly workingDir?: string;
  readonly user: number;
  readonly group: number;
  /** Supplementary groups. */
  readonly groups: readonly number[];
  readonly readOnlyRoot: boolean;
  readonly mounts: readonly Mount[];
}

/** A file or folder of this machine at a path of the container. */
export interface Mount {
  readonly from: string;
  readonly to: string;
  readonly readOnly: boolean;
}

/** How a run has ended. */
export interface Ended {
  readonly exitCode: number;
  readonly signal?: string;
}

/** So much of a container's output is kept; a kubelet rotates at 10 MiB. */
const logLimit = 10 * 1024 * 1024;

export class ContainerRun {
  readonly from = new Date();
  readonly #process: Deno.ChildProcess;
  readonly #log: string[] = [];
  #logged = 0;
  /** Length of what is not kept any more. */
  #dropped = 0;
  #more = Promise.withResolvers<void>();
  #over = false;
  /** Resolves when the process has ended and all that it said has been read. */
  readonly ended: Promise<Ended>;

  /**
   * Starts the process.
   *
   * @param warden sees to it that it does not outlive us
   */
  constructor(setup: ContainerSetup, private readonly warden: Warden) {
    this.#process = new Deno.Command("unshare", {
      args: [
        ...(Deno.uid() === 0 ? [] : ["--map-root-user"]),
        ...["--mount", "--pid", "--fork", "--kill-child=SIGKILL", "--propagation=private"],
        ...["/bin/sh", "-c", startScript(setup)],
      ],
      clearEnv: true,
      env: { PATH: defaultPath, ...setup.env },
      stdin: "null",
      stdout: "piped",
      stderr: "null", // the script joins the two as a container runtime does
    }).spawn();
    this.ended = this.#end();
  }

  async #end(): Promise<Ended> {
    await this.warden.add(this.#process.pid);
    const decoder = new TextDecoderStream();
    for await (const text of this.#process.stdout.pipeThrough(decoder)) this.#say(text);
    const { code, signal } = await this.#process.status;
    await this.warden.remove(this.#process.pid);
    this.#over = true;
    this.#more.resolve();
    return { exitCode: code, ...(signal === null ? {} : { signal }) };
  }

  #say(text: string): void {
    this.#log.push(text);
    this.#logged += text.length;
    while (this.#logged > logLimit && this.#log.length > 1) {
      const { length } = this.#log.shift()!;
      this.#logged -= length;
      this.#dropped += length;
    }
    this.#more.resolve();
    this.#more = Promise.withResolvers();
  }

  /** What it has said up to now. */
  get log(): string {
    return this.#log.join("");
  }

  /** What it says, from the beginning to its end, as it comes. */
  async *follow(): AsyncGenerator<string> {
    for (let from = 0;;) {
      const { promise } = this.#more;
      const over = this.#over;
      const text = this.log.slice(Math.max(0, from - this.#dropped));
      from = this.#dropped + this.#logged;
      if (text !== "") yield text;
      if (over) return;
      await promise;
    }
  }

  /** Sends a signal to the container's first process. */
  async kill(signal: Deno.Signal): Promise<void> {
    if (signal === "SIGKILL") return this.#kill(this.#process.pid, signal);
    // `unshare` forwards no signal; its only child is the first process of the namespace.
    const path = `/proc/${this.#process.pid}/task/${this.#process.pid}/children`;
    const child = Number((await Deno.readTextFile(path).catch(() => "")).trim().split(" ")[0]);
    if (child > 0) this.#kill(child, signal);
  }

  #kill(pid: number, signal: Deno.Signal): void {
    try {
      Deno.kill(pid, signal);
    } catch (error) {
      if (!(error instanceof Deno.errors.NotFound)) throw error;
    }
  }
}

const defaultPath = `${inImage.programs}:/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin`;
/** Where the root file system is put together, in the namespace of the container alone. */
const root = "/mnt";
const ofMachine = ["/bin", "/lib", "/lib64", "/sbin", "/usr"];
const devices = ["null", "zero", "full", "random", "urandom"];

/** Puts the root file system together, then becomes the container's command. */
function startScript(setup: ContainerSetup): string {
  const mounts = [
    ...ofMachine.map((path): Mount => ({ from: path, to: path, readOnly: true })),
    ...devices.map((name): Mount => ({ from: `/dev/${name}`, to: `/dev/${name}`, readOnly: false })),
    ...setup.mounts,
  ];
  return [
    "set -e",
    "exec 2>&1",
    `mount -t tmpfs -o mode=0755 root ${root}`,
    `mkdir -p ${root}/proc ${root}/tmp ${root}/etc ${root}/var/run`,
    `chmod 1777 ${root}/tmp`,
    `ln -s var/run ${root}/run`,
    ...mounts.filter(({ from }) => exists(from)).flatMap(mountLines),
    `mount -t proc proc ${root}/proc`,
    ...(setup.readOnlyRoot ? [`mount -o remount,ro ${root}`] : []),
    `exec chroot ${root} /bin/sh -c ${quoted(userScript(setup))} sh ${setup.command.map(quoted).join(" ")}`,
  ].join("\n");
}

/** As the container's user, without a way to more rights, in its working directory. */
function userScript({ user, group, groups, workingDir = "/" }: ContainerSetup): string {
  const drop = Deno.uid() === 0
    ? [
      `--reuid=${user} --regid=${group}`,
      groups.length > 0 ? `--groups=${groups.join(",")}` : "--clear-groups",
      ...(user === 0 ? [] : ["--bounding-set=-all --inh-caps=-all"]),
    ]
    : [];
  return `cd ${quoted(workingDir)} && exec setpriv --no-new-privs ${drop.join(" ")} -- "$@"`;
}

function mountLines({ from, to, readOnly }: Mount): string[] {
  const target = quoted(root + to);
  const link = Deno.lstatSync(from).isSymlink && ofMachine.includes(from);
  if (link) return [`ln -s ${quoted(Deno.readLinkSync(from))} ${target}`];
  const make = Deno.statSync(from).isDirectory
    ? [`mkdir -p ${target}`]
    : [`mkdir -p ${quoted(parentOf(root + to))}`, `[ -e ${target} ] || : > ${target}`];
  const bind = [`mount --bind ${quoted(from)} ${target}`];
  return [...make, ...bind, ...(readOnly ? [`mount -o remount,ro,bind ${target}`] : [])];
}

function exists(path: string): boolean {
  try {
    Deno.lstatSync(path);
    return true;
  } catch {
    return false;
  }
}

function parentOf(path: string): string {
  return path.slice(0, path.lastIndexOf("/")) || "/";
}

/** A text as one word of a shell. */
export function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
