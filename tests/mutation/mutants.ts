/** Small changes of a source file, each of which a test of it ought to notice. */

import ts from "typescript";

export interface Mutant {
  readonly start: number;
  readonly end: number;
  readonly replacement: string;
}

const { SyntaxKind: Kind } = ts;

/** What stands in an operator's place. */
const operators: Readonly<Partial<Record<ts.SyntaxKind, readonly string[]>>> = {
  [Kind.EqualsEqualsEqualsToken]: ["!=="],
  [Kind.ExclamationEqualsEqualsToken]: ["==="],
  [Kind.LessThanToken]: ["<=", ">="],
  [Kind.LessThanEqualsToken]: ["<", ">"],
  [Kind.GreaterThanToken]: [">=", "<="],
  [Kind.GreaterThanEqualsToken]: [">", "<"],
  [Kind.AmpersandAmpersandToken]: ["||"],
  [Kind.BarBarToken]: ["&&"],
  [Kind.QuestionQuestionToken]: ["&&"],
  [Kind.PlusToken]: ["-"],
  [Kind.MinusToken]: ["+"],
  [Kind.AsteriskToken]: ["/"],
  [Kind.SlashToken]: ["*"],
};

/** What stands in a method's place; empty: what it was called on stands for its answer. */
const methods: Readonly<Record<string, string>> = {
  some: "every",
  every: "some",
  min: "max",
  max: "min",
  startsWith: "endsWith",
  endsWith: "startsWith",
  filter: "",
  sort: "",
  toSorted: "",
  reverse: "",
  slice: "",
};

/** The changes of a file, in the order of their places. */
export function mutantsOf(text: string): Mutant[] {
  const source = ts.createSourceFile("file.ts", text, ts.ScriptTarget.Latest, true);
  const found: Mutant[] = [];
  const change = (node: ts.Node, ...replacements: readonly string[]) => {
    for (const replacement of replacements) {
      found.push({ start: node.getStart(source), end: node.end, replacement });
    }
  };
  const visit = (node: ts.Node): void => {
    // Types are gone when it runs, and what is imported is judged by the type check.
    if (ts.isTypeNode(node) || ts.isImportDeclaration(node) || ts.isInterfaceDeclaration(node)) return;
    if (ts.isTypeAliasDeclaration(node)) return;
    if (ts.isBinaryExpression(node)) change(node.operatorToken, ...operators[node.operatorToken.kind] ?? []);
    if (ts.isPrefixUnaryExpression(node)) {
      if (node.operator === Kind.ExclamationToken) change(node, node.operand.getText(source));
      if (node.operator === Kind.MinusToken) change(node, node.operand.getText(source));
    }
    if (ts.isConditionalExpression(node)) change(node.condition, "true", "false");
    if (ts.isIfStatement(node)) change(node.expression, "true", "false");
    if (node.kind === Kind.TrueKeyword) change(node, "false");
    if (node.kind === Kind.FalseKeyword) change(node, "true");
    if (ts.isNumericLiteral(node)) change(node, `${Number(node.text) + 1}`);
    if (isText(node)) change(node, '"mutant"');
    if (ts.isArrayLiteralExpression(node) && node.elements.length > 0) change(node, "[]");
    if (ts.isFunctionLike(node) && "body" in node && node.body !== undefined) {
      const body = node.body as ts.Node;
      change(body, ts.isBlock(body) ? "{}" : "undefined");
    }
    if (ts.isCallExpression(node) && ts.isPropertyAccessExpression(node.expression)) {
      const { expression: on, name } = node.expression;
      const other = Object.hasOwn(methods, name.text) ? methods[name.text] : undefined;
      if (other === "") change(node, on.getText(source));
      else if (other !== undefined) change(name, other);
    }
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found.sort((a, b) => a.start - b.start);
}

/** A text that is a value: no name of a field. */
function isText(node: ts.Node): boolean {
  if (ts.isTemplateExpression(node)) return true;
  if (!ts.isStringLiteral(node) && !ts.isNoSubstitutionTemplateLiteral(node)) return false;
  return !(ts.isPropertyAssignment(node.parent) && node.parent.name === node);
}
