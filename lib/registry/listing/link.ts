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
  let rest = header.trim();
  while (rest !== "") {
    const match = /^<([^>]*)>((?:\s*;\s*[\w*-]+(?:\s*=\s*(?:"[^"]*"|[^\s",;]*))?)*)\s*(?:,\s*|$)/.exec(rest);
    if (match === null) throw new SyntaxError("the header Link is not <address>; rel=next");
    const [whole, address, parameters] = match;
    const rel = /;\s*rel\s*=\s*(?:"([^"]*)"|([^\s",;]*))/i.exec(parameters);
    // Some registries leave `rel` out: they have no other links.
    const relations = (rel?.[1] ?? rel?.[2] ?? "next").toLowerCase().split(/\s+/);
    if (relations.includes("next")) return resolved(address, of);
    rest = rest.slice(whole.length);
  }
  return undefined;
}

function resolved(address: string, of: URL): URL {
  if (!URL.canParse(address, of.href)) {
    throw new SyntaxError("the header Link has an address that cannot be read");
  }
  const url = new URL(address, of.href);
  url.username = url.password = url.hash = "";
  // A registry behind a proxy may not know that it is spoken to by TLS.
  if (url.host === of.host) url.protocol = of.protocol;
  return url;
}
