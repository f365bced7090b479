/** The header `Link` by which lists are paged (RFC 8288, and the distribution specification). Pure. */

/**
 * The address of the next page; undefined where this is the last.
 *
 * @param header the value of `Link`, or null
 * @param of the address that was asked
 * @throws SyntaxError for a header that does not begin with `<…>`, or an address that is none
 */
export function nextPage(header: string | null, of: URL): URL | undefined {
  if (header === null || header.trim() === "") return undefined;
  const scan = new Scan(header.trim());
  while (!scan.atEnd) {
    const [, address] = scan.take(target);
    let relations = "next"; // Some registries leave `rel` out: they have no other links.
    for (let found; (found = scan.try(parameter)) !== undefined;) {
      const [, name, quoted, plain] = found;
      if (name.toLowerCase() === "rel") relations = quoted ?? plain ?? "";
    }
    scan.take(separator);
    if (relations.toLowerCase().split(/\s+/).includes("next")) return resolved(address, of);
  }
  return undefined;
}

// Each is tried at one place and repeats nothing that repeats: whoever writes the header cannot make it take long.
const target = /\s*<([^>]*)>/y;
const parameter = /\s*;\s*([\w*-]+)(?:\s*=\s*(?:"([^"]*)"|([^\s",;]*)))?/y;
const separator = /\s*(?:,|$)/y;

/** Takes a text apart from its beginning to its end. */
class Scan {
  #at = 0;

  constructor(private readonly text: string) {}

  get atEnd(): boolean {
    return this.#at >= this.text.length;
  }

  try(pattern: RegExp): RegExpExecArray | undefined {
    pattern.lastIndex = this.#at;
    const found = pattern.exec(this.text) ?? undefined;
    if (found !== undefined) this.#at = pattern.lastIndex;
    return found;
  }

  take(pattern: RegExp): RegExpExecArray {
    const found = this.try(pattern);
    if (found === undefined) throw new SyntaxError("the header Link is not <address>; rel=next");
    return found;
  }
}

function resolved(address: string, of: URL): URL {
  if (!URL.canParse(address, of.href)) {
    throw new SyntaxError("the header Link has an address that cannot be read");
  }
  const url = new URL(address, of.href);
  url.username = url.password = url.hash = "";
  // A registry behind a proxy may not know that it is spoken to by TLS.
  if (url.host === of.host && isWeb(url)) url.protocol = of.protocol;
  if (!isWeb(url) || (url.protocol === "http:" && of.protocol === "https:")) {
    throw new SyntaxError(`the header Link leads to ${url.protocol}, which is not asked`);
  }
  return url;
}

function isWeb({ protocol }: URL): boolean {
  return protocol === "https:" || protocol === "http:";
}
