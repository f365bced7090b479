/** A registry as a function: images with their labels, and what may be wrong with it. */

import { digestOf } from "../../../lib/registry/digest.ts";
import { type Labels } from "../../catalogue/aim_image.ts";

/** How it answers: well, not at all, or with this status. */
export type Mood = "well" | "away" | 401 | 404 | 429 | 503;

const manifestType = "application/vnd.oci.image.manifest.v1+json";

export class PlayedRegistry {
  mood: Mood = "well";
  readonly #pages = new Map<string, { readonly text: string; readonly type: string }>();
  readonly #tags = new Map<string, string[]>();

  /** @param host of all its images */
  constructor(readonly host: string) {}

  /** Adds an image; gives its whole reference. */
  push(repository: string, tag: string, labels: Labels): string {
    const config = JSON.stringify({ config: { Labels: labels } });
    const blob = this.#add(`${repository}/blobs`, config, "application/json");
    const manifest = JSON.stringify({
      schemaVersion: 2,
      mediaType: manifestType,
      config: { mediaType: "application/vnd.oci.image.config.v1+json", digest: blob, size: config.length },
      layers: [],
    });
    this.#add(`${repository}/manifests`, manifest, manifestType);
    this.#pages.set(`/v2/${repository}/manifests/${tag}`, { text: manifest, type: manifestType });
    this.#tags.set(repository, [...this.#tags.get(repository) ?? [], tag]);
    return `${this.host}/${repository}:${tag}`;
  }

  readonly fetch = (url: string): Promise<Response> => {
    const { pathname, host } = new URL(url);
    if (this.mood === "away" || host !== this.host) {
      return Promise.reject(new TypeError("connection refused"));
    }
    if (this.mood !== "well") return Promise.resolve(new Response("{}", { status: this.mood }));
    return Promise.resolve(this.#answer(pathname));
  };

  #answer(path: string): Response {
    if (path === "/v2/") return Response.json({});
    if (path === "/v2/_catalog") return Response.json({ repositories: [...this.#tags.keys()] });
    const [, repository] = path.match(/^\/v2\/(.+)\/tags\/list$/) ?? [];
    const tags = repository === undefined ? undefined : this.#tags.get(repository);
    if (tags !== undefined) return Response.json({ name: repository, tags });
    const page = this.#pages.get(path);
    if (page === undefined) {
      return Response.json({ errors: [{ code: "MANIFEST_UNKNOWN", message: "not here" }] }, { status: 404 });
    }
    return new Response(page.text, { headers: { "content-type": page.type } });
  }

  #add(below: string, text: string, type: string): string {
    const digest = digestOf(new TextEncoder().encode(text));
    this.#pages.set(`/v2/${below}/${digest}`, { text, type });
    return digest;
  }
}
