/**
 * A source and an image where nothing but loopback can be reached: run by no_way_out_test.ts in a network namespace of its
 * own, on which a mirror listens.
 */

import { sourceListingSource } from "../../lib/facts/source_listing.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { RegistryClient, RegistryError, RegistryLister } from "../../lib/registry/mod.ts";
import { startImitation } from "./imitation.ts";

await using mirror = await startImitation(3, 2);
const nobody = {} as Transport;
const source = sourceListingSource(nobody, new RegistryLister(), () => Promise.resolve([]));
const signal = new AbortController().signal;
const { found, failures } = await source.fetch({
  uid: "u",
  defaults: { registry: `${mirror.host}/org` },
  filters: [
    { image: "aim-*" },
    { image: "docker.io/amdenterpriseai/aim-base" },
    { image: "ghcr.io/acme/aim-a" },
    { image: "docker.io/amdenterpriseai/aim-pinned:1.0.0" },
  ],
  namespace: "aim-system",
  pullSecrets: [],
  interval: 3_600_000,
}, signal);

const client = new RegistryClient();
const read = (image: string) =>
  client.inspect(image, [], signal).then(
    ({ digest }) => digest.slice(0, 7),
    (error) => error instanceof RegistryError ? `${error.reason}: ${error.message}` : String(error),
  );
const images = [
  await read(`${mirror.host}/org/aim-00000:1.0.0`),
  await read("amdenterpriseai/aim-pinned:1.0.0"),
];
console.log(JSON.stringify({
  found: found.map(({ registry, repository, references }) =>
    `${registry.replace(mirror.host, "mirror")} ${repository} ${references}`
  ),
  failures,
  images,
}));
await mirror[Symbol.asyncDispose]();
Deno.exit(0);
