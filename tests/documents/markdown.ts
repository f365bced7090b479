/** The documents, read as Markdown: what they link to, and the blocks of code in them. */

import { relative } from "node:path";
import { fileURLToPath } from "node:url";
import GithubSlugger from "github-slugger";
import { marked, type Token, type Tokens } from "marked";

export const root = fileURLToPath(new URL("../../", import.meta.url));

/** Paths of all documents, below {@link root}. */
export const documents: readonly string[] = [
  ...["README.md", "CONTRIBUTING.md", "SECURITY.md", "CHANGELOG.md"],
  ...[...markdownBelow("manifests"), ...markdownBelow("docs")].sort(),
];

function* markdownBelow(folder: string): Generator<string> {
  for (const { name, isDirectory } of Deno.readDirSync(`${root}${folder}`)) {
    if (isDirectory) yield* markdownBelow(`${folder}/${name}`);
    else if (name.endsWith(".md")) yield `${folder}/${name}`;
  }
}

/** A fenced block of code. */
export interface Block {
  readonly file: string;
  /** The nearest heading above it. */
  readonly heading: string;
  readonly language: string;
  readonly text: string;
  /** What an HTML comment directly above it says of it. */
  readonly mark?: Mark;
}

/**
 * `<!-- not run: needs Docker -->`: no test runs it, for that reason.
 * `<!-- run by: tests/e2e/uninstall_test.ts -->`: that test runs it.
 */
export type Mark = { readonly notRun: string } | { readonly runBy: string };

export interface Document {
  readonly file: string;
  readonly blocks: readonly Block[];
  /** Code in a line of text. */
  readonly spans: readonly string[];
  /** Targets of its links, as they are written. */
  readonly links: readonly string[];
  /** What a link may name behind `#`. */
  readonly anchors: ReadonlySet<string>;
}

/**
 * The blocks that say that this test runs them, in the order of the documents. It must run them as they are written there.
 *
 * @param test its `import.meta.url`
 */
export function blocksRunBy(test: string): Block[] {
  const file = relative(root, fileURLToPath(test));
  return documents.flatMap((document) => documentAt(document).blocks)
    .filter(({ mark }) => mark && "runBy" in mark && mark.runBy === file);
}

const read = new Map<string, Document>();

/** Reads a document by its path below {@link root}; each is read once. */
export function documentAt(file: string): Document {
  let document = read.get(file);
  if (document === undefined) read.set(file, document = parse(file, Deno.readTextFileSync(`${root}${file}`)));
  return document;
}

function parse(file: string, text: string): Document {
  const blocks: Block[] = [];
  const spans: string[] = [];
  const links: string[] = [];
  const anchors = new Set<string>();
  const slugger = new GithubSlugger();
  let heading = "";
  let mark: Mark | undefined;
  marked.walkTokens(marked.lexer(text), (token: Token) => {
    if (token.type === "heading") {
      heading = plain(token as Tokens.Heading);
      anchors.add(slugger.slug(heading));
    } else if (token.type === "code") {
      const { lang = "", text, codeBlockStyle } = token as Tokens.Code;
      const language = codeBlockStyle === "indented" ? "indented" : lang;
      blocks.push({ file, heading, language, text, ...(mark && { mark }) });
    } else if (token.type === "codespan") spans.push((token as Tokens.Codespan).text);
    else if (token.type === "link" || token.type === "image") links.push((token as Tokens.Link).href);
    if (token.type === "html") mark = markOf((token as Tokens.HTML).text);
    else if (token.type !== "space") mark = undefined;
  });
  return { file, blocks, spans, links, anchors };
}

/** A heading without its marks. */
const plain = ({ tokens }: Tokens.Heading): string =>
  tokens.map((token) => "text" in token ? token.text : token.raw).join("");

function markOf(html: string): Mark | undefined {
  const [, word, said] = /^<!-- (not run|run by): (.+) -->\s*$/.exec(html) ?? [];
  if (word === undefined) return undefined;
  return word === "run by" ? { runBy: said } : { notRun: said };
}
