/**
 * Looks at all images of a registry on loopback, and prints what that took: run by listing_test.ts with the operator's own
 * heap, so that memory is measured as it is in its pod.
 */

import process from "node:process";
import { sourceListingSource } from "../../lib/facts/source_listing.ts";
import type { Transport } from "../../lib/kube/transport.ts";
import { RegistryLister } from "../../lib/registry/mod.ts";

const [host] = Deno.args;
const source = sourceListingSource(
  {} as Transport,
  new RegistryLister({ pace: 10_000 }),
  () => Promise.resolve([]),
);

function look(image: string) {
  const question = { uid: "u", filters: [{ image }], defaults: { registry: host }, interval: 3_600_000 };
  const all = { ...question, namespace: "aim-system", pullSecrets: [] };
  return source.fetch(all, new AbortController().signal);
}

await look("org/aim-0000*"); // what the first requests take once
const before = Deno.memoryUsage().rss;
let highest = before;
const timer = setInterval(() => highest = Math.max(highest, Deno.memoryUsage().rss), 10);
const began = performance.now();
const used = process.cpuUsage();
const { images, failures } = await look("org/*");
const seconds = (performance.now() - began) / 1000;
const { user, system } = process.cpuUsage(used);
clearInterval(timer);
const grown = (highest - before) / 1024 / 1024;
console.log(JSON.stringify({ images, failures, seconds, cpuSeconds: (user + system) / 1e6, grown }));
Deno.exit(0);
