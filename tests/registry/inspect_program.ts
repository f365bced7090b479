/** Inspects the image named by the argument with the environment it is given; prints its labels or the reason. */

import { RegistryClient, RegistryError } from "../../lib/registry/mod.ts";

const client = new RegistryClient();
try {
  console.log(JSON.stringify((await client.inspect(Deno.args[0], [], new AbortController().signal)).labels));
} catch (error) {
  if (!(error instanceof RegistryError)) throw error;
  console.log(error.reason);
} finally {
  client.close();
}
