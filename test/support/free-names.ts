import { Visitor, type Program } from "oxc-parser";

/**
 * Names a file uses in an expression and binds nowhere: the globals it depends on.
 * Scopes are not told apart, so a name bound anywhere in the file counts as bound; the linter is exact.
 */
export function freeNames(program: Program): ReadonlySet<string> {
  const used = new Set<string>();
  const bound = new Set<string>();
  const use = (node: unknown) => isIdentifier(node) && used.add(node.name);
  const bind = (node: unknown) => bindNames(node, bound);

  new Visitor({
    CallExpression: (node) => [node.callee, ...node.arguments].forEach(use),
    NewExpression: (node) => [node.callee, ...node.arguments].forEach(use),
    MemberExpression: (node) => use(node.object),
    Property: (node) => use(node.value),
    AssignmentExpression: (node) => use(node.right),
    VariableDeclarator: (node) => {
      bind(node.id);
      use(node.init);
    },
    FunctionDeclaration: (node) => [node.id, ...node.params].forEach(bind),
    FunctionExpression: (node) => node.params.forEach(bind),
    ArrowFunctionExpression: (node) => {
      node.params.forEach(bind);
      use(node.body);
    },
    ImportDeclaration: (node) => node.specifiers.forEach((specifier) => bind(specifier.local)),
  }).visit(program);

  return used.difference(bound);
}

interface Identifier {
  readonly type: "Identifier";
  readonly name: string;
}

function isIdentifier(node: unknown): node is Identifier {
  return typeof node === "object" && node !== null && "type" in node && node.type === "Identifier";
}

/** Adds the names of a binding pattern, however deeply it destructures. */
function bindNames(pattern: unknown, names: Set<string>): void {
  if (isIdentifier(pattern)) {
    names.add(pattern.name);
  } else if (Array.isArray(pattern)) {
    for (const item of pattern) bindNames(item, names);
  } else if (typeof pattern === "object" && pattern !== null) {
    for (const key of ["elements", "properties", "value", "left", "argument", "parameter"]) {
      if (key in pattern) bindNames(Reflect.get(pattern, key), names);
    }
  }
}
