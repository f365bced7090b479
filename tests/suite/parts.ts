/**
 * Long test files in parts: the suite imports such a file once in each thread of its group, `?part=1/3` to `?part=3/3`, and
 * the file asks which of its cases are of its part. Imported plainly, as by `deno test FILE`, it has them all.
 */

/**
 * The cases of a part: every so manyth, so that parts are about as long.
 *
 * @param url `import.meta.url` of the file
 */
export function partOf<T>(url: string, cases: readonly T[]): T[] {
  const [part, parts] = (new URL(url).searchParams.get("part") ?? "1/1").split("/").map(Number);
  return cases.filter((_, n) => n % parts === part - 1);
}
