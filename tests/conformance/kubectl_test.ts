/** kubectl prints the same with the cluster in memory as it did with the real API server. */
import assert from "node:assert/strict";
import { openHttpDoor } from "../../lib/apiserver/doors/http.ts";
import { ApiServer } from "../../lib/apiserver/server.ts";
import { kept } from "../apiserver/kubectl/recording.ts";
import { typeAll } from "../apiserver/kubectl/run.ts";
import { fittingKubectl } from "../embedded/kubectl.ts";

Deno.test("kubectl prints the same as with the real API server", async () => {
  const kubectl = await fittingKubectl();
  const door = await openHttpDoor(new ApiServer({ rbac: true }));
  const kubeconfig = await Deno.makeTempFile({ suffix: ".kubeconfig" });
  try {
    await Deno.writeTextFile(kubeconfig, door.kubeconfig);
    const printed = await typeAll(kubectl, kubeconfig);
    const wanted = await kept();
    assert.equal(wanted.length, printed.length, "recorded before a command came or went: record again");
    const wrong = wanted.flatMap(({ typed, printed: real }, i) =>
      printed[i] === real ? [] : [`$ kubectl ${typed}\n── real\n${real}\n── ours\n${printed[i]}`]
    );
    assert.equal(wrong.length, 0, `${wrong.length} commands print something else:\n${wrong.join("\n\n")}`);
  } finally {
    await door.close();
    await Deno.remove(kubeconfig);
  }
});
