import assert from "node:assert/strict";
import { permissions as ofCommandLine } from "../cli/permissions.ts";
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

const wide: Permissions = { net: true, read: true, env: ["HOME"], run: true };

Deno.test("a kind of which everything is allowed has no list", () => {
  assert.deepEqual(permissionFlags(wide), ["--allow-net", "--allow-read", "--allow-env=HOME", "--allow-run"]);
  for (const kind of ["read", "run"]) {
    assert.ok(missingPermissions(wide, allBut(kind))?.endsWith(` start it with --allow-${kind}`), kind);
  }
});

const programs = { operator: ofOperator, downloader: ofDownloader, "kubectl-aim": ofCommandLine };
for (const [program, permissions] of Object.entries(programs)) {
  Deno.test(`${program}: each permission that is taken away is named`, () => {
    for (const [kind, allowed] of Object.entries(permissions)) {
      for (const entry of allowed === true ? [""] : allowed) {
        const line = missingPermissions(permissions, allBut(`${kind} ${entry.replace("*", "X")}`.trim()));
        assert.ok(
          line?.endsWith(` --allow-${kind}${entry && `=${entry}`}`),
          `${kind} ${entry}: ${line}`,
        );
      }
    }
  });
}
