import assert from "node:assert/strict";
import { permissions as ofDownloader } from "../download/permissions.ts";
import { permissions as ofOperator } from "../process/permissions.ts";
import { missingPermissions, permissionFlags, type Permissions } from "./permissions.ts";

const some: Permissions = {
  net: true,
  read: ["/a", "/b"],
  write: ["/c"],
  env: ["HOME", "HF_*"],
  sys: ["hostname"],
};

/** All that a list allows, but for one thing; as text. */
const allBut = (removed: string) => (descriptor: Deno.PermissionDescriptor) => {
  const { name, path, variable, kind } = descriptor as { name: string } & Record<string, string | undefined>;
  return `${name} ${path ?? variable ?? kind ?? ""}`.trim() !== removed;
};

Deno.test("permissions as flags", () => {
  assert.deepEqual(permissionFlags(some), [
    "--allow-net",
    "--allow-read=/a,/b",
    "--allow-write=/c",
    "--allow-env=HOME,HF_*",
    "--allow-sys=hostname",
  ]);
});

const rows: [removed: string, named: string | undefined][] = [
  ["nothing", undefined],
  ["net", "--allow-net"],
  ["read /b", "--allow-read=/b"],
  ["write /c", "--allow-write=/c"],
  ["env HOME", "--allow-env=HOME"],
  ["env HF_X", "--allow-env=HF_*"],
  ["sys hostname", "--allow-sys=hostname"],
];
for (const [removed, named] of rows) {
  Deno.test(`without ${removed}: ${named ?? "nothing is missing"}`, () => {
    const line = missingPermissions(some, allBut(removed));
    assert.equal(line, named && `Deno does not allow what this program needs; start it with ${named}`);
  });
}

for (
  const [program, { net: _, ...lists }] of Object.entries({ operator: ofOperator, downloader: ofDownloader })
) {
  Deno.test(`${program}: each permission that is taken away is named`, () => {
    const all = { net: true, ...lists } as Permissions;
    for (const [kind, list] of Object.entries(lists)) {
      for (const entry of list) {
        const line = missingPermissions(all, allBut(`${kind} ${entry.replace("*", "X")}`));
        assert.ok(line?.endsWith(` --allow-${kind}=${entry}`), `${kind} ${entry}: ${line}`);
      }
    }
  });
}
