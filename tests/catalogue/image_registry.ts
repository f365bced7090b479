/** A registry of images on loopback, beside a control plane, with images pushed by `crane`. */

import { join } from "node:path";
import type { ControlPlane } from "../control_plane/control_plane.ts";
import { freePort } from "../control_plane/ports.ts";
import type { Labels } from "./aim_image.ts";

/** Starts go-containerregistry's registry, which keeps images in memory. It ends with the control plane. */
export async function startImageRegistry(plane: ControlPlane): Promise<ImageRegistry> {
  await plane.want({ programs: ["oci-registry", "crane"] });
  const port = freePort();
  const address = `127.0.0.1:${port}`;
  await plane.run({
    name: "oci-registry",
    program: plane.program("oci-registry"),
    args: ["-port", String(port)],
    ready: async () => {
      const answer = await fetch(`http://${address}/v2/`);
      await answer.body?.cancel();
      return answer.ok;
    },
  });
  const registry = new ImageRegistry(address, plane.program("crane"));
  await registry.prepare(join(plane.folder, "layer.tar"));
  return registry;
}

export class ImageRegistry {
  /** @param address host and port, as image references begin */
  constructor(readonly address: string, private readonly crane: string) {}

  /** Pushes the image that all others are made of: one small layer, no labels. */
  async prepare(layer: string): Promise<void> {
    await Deno.writeFile(layer, emptyTar);
    await this.#run(
      "append",
      "--oci-empty-base",
      "--new_layer",
      layer,
      "--new_tag",
      this.reference("base:1"),
    );
  }

  /** Pushes a small linux/amd64 image with labels, over an older one of that name, and returns its reference. */
  async push(name: string, labels: Labels): Promise<string> {
    const reference = this.reference(name);
    const flags = Object.entries(labels).flatMap(([key, value]) => ["--label", labelFlag(key, value)]);
    const platform = ["--set-platform", "linux/amd64"];
    await this.#run("mutate", this.reference("base:1"), "--tag", reference, ...platform, ...flags);
    return reference;
  }

  /** `127.0.0.1:<port>/<name>` */
  reference(name: string): string {
    return `${this.address}/${name}`;
  }

  async #run(...args: string[]): Promise<void> {
    const { success, stderr } = await new Deno.Command(this.crane, { args, stdin: "null" }).output();
    if (!success) throw new Error(`crane ${args.join(" ")}: ${new TextDecoder().decode(stderr)}`);
  }
}

/** crane reads a flag with one `=` as it stands, and every other one as a row of CSV. */
function labelFlag(key: string, value: string): string {
  const plain = `${key}=${value}`;
  return value.includes("=") ? `"${plain.replaceAll('"', '""')}"` : plain;
}

const emptyTar = new Uint8Array(1024);
