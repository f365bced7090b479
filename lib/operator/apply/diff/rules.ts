/** The field rules of a kind (`CachedKind.fieldRules`) as a tree that a comparison walks along with the object. */
import type { FieldRules } from "../../../kube/cache/field_rules.ts";

/** Rules as a tree, walked along with the object. */
export interface RuleNode {
  readonly children: Map<string, RuleNode>;
  quantity?: true;
  default?: unknown;
  emits?: ReadonlySet<string>;
}

/** The rules below a field or item. */
export function step(rules: RuleNode | undefined, name: string): RuleNode | undefined {
  return rules?.children.get(name) ?? rules?.children.get("*");
}

const compiled = new WeakMap<FieldRules, RuleNode>();

/** The tree of a table; built once per table. */
export function compile(rules: FieldRules): RuleNode {
  const known = compiled.get(rules);
  if (known !== undefined) return known;
  const root: RuleNode = { children: new Map() };
  for (const path of rules.quantities ?? []) nodeAt(root, path).quantity = true;
  for (const [path, value] of Object.entries(rules.defaults ?? {})) nodeAt(root, path).default = value;
  for (const [path, names] of Object.entries(rules.emits ?? {})) nodeAt(root, path).emits = new Set(names);
  compiled.set(rules, root);
  return root;
}

function nodeAt(root: RuleNode, path: string): RuleNode {
  let node = root;
  for (const name of path.split(".")) {
    let child = node.children.get(name);
    if (child === undefined) node.children.set(name, child = { children: new Map() });
    node = child;
  }
  return node;
}
