/** `WWW-Authenticate` of a registry: which scheme it wants, with which parameters (RFC 9110 §11.6.1). Pure. */

/** One challenge; names are lower-case. */
export interface Challenge {
  readonly scheme: string;
  readonly parameters: Readonly<Record<string, string>>;
}

const quotedString = /"((?:[^"\\]|\\.)*)"/y;
const word = /[!#$%&'*+.^_`|~0-9A-Za-z-]+/y;
const blank = /[ \t,]*/y;
const equals = /[ \t]*=[ \t]*/y;
const token68 = /[A-Za-z0-9._~+/-]+=*(?=[ \t]*(?:,|$))/y;

/** All challenges of a header, in their order; what cannot be read ends the list. */
export function parseChallenges(header: string): Challenge[] {
  const found: { scheme: string; parameters: Record<string, string> }[] = [];
  let at = 0;
  const take = (pattern: RegExp): RegExpExecArray | null => {
    pattern.lastIndex = at;
    const match = pattern.exec(header);
    if (match !== null) at = pattern.lastIndex;
    return match;
  };
  while (at < header.length) {
    take(blank);
    const name = take(word)?.[0].toLowerCase();
    if (name === undefined) break;
    const current = found.at(-1);
    if (current !== undefined && take(equals) !== null) {
      const value = take(quotedString)?.[1].replace(/\\(.)/g, "$1") ?? take(word)?.[0];
      if (value === undefined) break;
      current.parameters[name] = value;
    } else {
      found.push({ scheme: name, parameters: Object.create(null) });
      // A scheme such as Negotiate has one bare word in place of parameters.
      const before = at;
      if (take(/[ \t]+/y) !== null && take(token68) === null) at = before;
    }
  }
  return found;
}
