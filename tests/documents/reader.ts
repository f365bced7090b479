/** Somebody who reads a document and types what it says. */

import assert from "node:assert/strict";
import type { User } from "../e2e/user.ts";
import { installPlugin } from "../plugin.ts";
import { type Block, documentAt, root } from "./markdown.ts";

export class Reader {
  /** @param desk a folder with a checkout's `manifests`, kubectl's plugin, and what a page tells to have */
  private constructor(private readonly user: User, private readonly desk: string) {}

  static async sitsDown(user: User): Promise<Reader> {
    const desk = await Deno.makeTempDir({ prefix: "aim-reader-" });
    await Deno.symlink(`${root}manifests`, `${desk}/manifests`);
    await Deno.writeTextFile(`${desk}/ca.crt`, "an authority\n");
    await installPlugin(`${desk}/bin`);
    return new Reader(user, desk);
  }

  leaves(): Promise<void> {
    return Deno.remove(this.desk, { recursive: true });
  }

  /** The blocks of commands below a heading, but for those that say why not to run them here. */
  blocks(file: string, heading?: string): Block[] {
    return documentAt(file).blocks.filter((block) =>
      block.language === "sh" && block.mark === undefined &&
      (heading === undefined || block.heading === heading)
    );
  }

  async types(file: string, heading: string): Promise<void> {
    const blocks = this.blocks(file, heading);
    assert.ok(blocks.length > 0, `${file}, ${heading}`);
    for (const block of blocks) await this.typesBlock(block);
  }

  typesBlock({ file, heading, text }: Block): Promise<void> {
    return this.typesText(text, `${file}, ${heading}`);
  }

  /** @throws AssertionError with what was printed, if a command fails or does not end */
  async typesText(text: string, what: string): Promise<void> {
    const { plane } = this.user;
    const { code, stderr, stdout } = await new Deno.Command("bash", {
      args: ["-euo", "pipefail", "-c", text],
      cwd: this.desk,
      // A reader would wait for longer; here nothing takes as long.
      signal: AbortSignal.timeout(120_000),
      env: {
        PATH: `${this.desk}/bin:${plane.toolsFolder}:${Deno.env.get("PATH")}`,
        KUBECONFIG: plane.adminKubeconfig,
      },
    }).output();
    const said = [stdout, stderr].map((bytes) => new TextDecoder().decode(bytes)).join("");
    assert.equal(code, 0, `${what}\n${text}\n${said}`);
  }
}
