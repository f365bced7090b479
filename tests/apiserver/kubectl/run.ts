/** Types the commands of `commands.ts` and keeps what is printed. */
import { dirname, join } from "node:path";
import { type Command, commands } from "./commands.ts";

/**
 * Types the commands one after the other.
 * @param most how many of them
 * @returns what each has printed, without what differs from run to run
 */
export async function typeAll(
  kubectl: string,
  kubeconfig: string,
  most = commands.length,
): Promise<string[]> {
  const home = await Deno.makeTempDir({ prefix: "aim-kubectl-" });
  try {
    const printed: string[] = [];
    for (const command of commands.slice(0, most)) {
      printed.push(await type(command, { kubectl, kubeconfig, home }));
    }
    return printed;
  } finally {
    await Deno.remove(home, { recursive: true });
  }
}

interface Desk {
  readonly kubectl: string;
  readonly kubeconfig: string;
  /** Where kubectl keeps its cache, and where it works. */
  readonly home: string;
}

async function type(command: Command, desk: Desk): Promise<string> {
  for (const [path, text] of Object.entries(command.files ?? {})) {
    await Deno.mkdir(dirname(join(desk.home, path)), { recursive: true });
    await Deno.writeTextFile(join(desk.home, path), text);
  }
  for (let tries = 0;; tries++) {
    const printed = await once(command, desk);
    if (command.until === undefined || printed.endsWith("exit 0") || tries === 50) return printed;
    await new Promise((resolve) => setTimeout(resolve, 200));
  }
}

async function once(
  { typed, input = "", editor }: Command,
  { kubectl, kubeconfig, home }: Desk,
): Promise<string> {
  const child = new Deno.Command(kubectl, {
    args: words(typed),
    cwd: home,
    env: {
      HOME: home,
      KUBECONFIG: kubeconfig,
      TMPDIR: home,
      ...editor === undefined ? {} : { KUBE_EDITOR: editor },
    },
    stdin: "piped",
    stdout: "piped",
    stderr: "piped",
  }).spawn();
  const output = child.output();
  const writer = child.stdin.getWriter();
  await writer.write(new TextEncoder().encode(input)).catch(() => {});
  await writer.close().catch(() => {});
  const { code, stdout, stderr } = await output;
  const text = (bytes: Uint8Array) => new TextDecoder().decode(bytes);
  return normal(`${text(stdout)}${text(stderr)}exit ${code}`, home);
}

/** The words of a command line; double and single quotes keep what is between them together, braces too. */
function words(typed: string): string[] {
  if (typed.includes("{") || typed.includes("[")) return typed.split(" ");
  return [...typed.matchAll(/(?:[^\s"']+|"[^"]*"|'[^']*')+/g)].map(([word]) => word.replace(/["']/g, ""));
}

/** Without what differs from run to run. */
function normal(text: string, home: string): string {
  return text
    .replaceAll(home, "HOME")
    .replace(/[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}/g, "UID")
    .replace(/\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d+)?Z/g, "TIME")
    .replace(/[A-Z][a-z]{2}, \d\d [A-Z][a-z]{2} \d{4} \d\d:\d\d:\d\d [+-]\d{4}/g, "TIME")
    .replace(/\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d+)? [+-]\d{4}( \w+)?( m=\S+)?/g, "TIME")
    .replace(/(resourceVersion"?: "?|Resource Version: +)\d+/g, "$1N")
    .replace(/Invalid value: \{"labels":.*\}: /g, "Invalid value: OBJECT: ") // of the original's inner structures
    .replace(/\n@@ .*?\n\n(?=exit)/gs, "\n") // so are these differences
    .replace(/.*ClusterIPNotAllocated.*\n/g, "") // of a loop of the real one that repairs itself
    .replace(/(kube-api-access-)[a-z0-9]{5}\b/g, "$1XXXXX")
    .replace(/(kubectl-edit-|LIVE-|MERGED-)\d+/g, "$1N")
    .replace(/10\.96\.\d+\.\d+/g, "10.96.N.N")
    .replace(/https:\/\/127\.0\.0\.1:\d+/g, "SERVER")
    .replace(/(?<=\s|\()(\d+[dhms]\d*[hms]?|\d+y(\d+d)?)(?=\s|\)|$)/g, "AGE")
    .replace(/ +/g, " ")
    .replace(/-{4,}/g, "----")
    .replace(/[ \t]+$/gm, "");
}
