import ts from 'typescript-6'

/** A name and its declarations, without their comments. */
type Told = { name: string; text: string }

/** The declarations that a module exports, and those that they mention but that are not exported; sorted by name. */
export type Surface = { exported: Told[]; mentioned: Told[] }

const printer = ts.createPrinter({ removeComments: true })

/** Returns the surface of each of these declaration files, in order. */
export function surfacesOf(files: string[]): Surface[] {
  const program = ts.createProgram(files, { module: ts.ModuleKind.NodeNext, lib: ['lib.es2022.d.ts'], types: [] })
  const checker = program.getTypeChecker()
  return files.map((file) => {
    const source = program.getSourceFile(file)
    const module = source && checker.getSymbolAtLocation(source)
    if (!module) throw new Error(`${file} is not a module`)
    const exported = new Map(
      checker.getExportsOfModule(module).map((symbol) => [original(symbol, checker), symbol.name] as const),
    )
    const mentioned = new Map<ts.Symbol, string>()
    for (const symbol of exported.keys()) follow(symbol)
    return { exported: told(exported), mentioned: told(mentioned) }

    function follow(symbol: ts.Symbol): void {
      for (const declaration of symbol.declarations ?? []) visit(declaration)
    }
    function visit(node: ts.Node): void {
      if (ts.isIdentifier(node)) {
        const symbol = checker.getSymbolAtLocation(node)
        if (symbol && isDeclaredIn(symbol, source) && !exported.has(symbol) && !mentioned.has(symbol)) {
          mentioned.set(symbol, symbol.name)
          follow(symbol)
        }
      }
      ts.forEachChild(node, visit)
    }
  })
}

const original = (symbol: ts.Symbol, checker: ts.TypeChecker) =>
  symbol.flags & ts.SymbolFlags.Alias ? checker.getAliasedSymbol(symbol) : symbol

/** Whether a symbol is declared at the top level of the file, so is neither a member nor a type parameter. */
function isDeclaredIn(symbol: ts.Symbol, source: ts.SourceFile | undefined): boolean {
  return symbol.declarations?.some((declaration) => statementOf(declaration).parent === source) ?? false
}

function told(symbols: ReadonlyMap<ts.Symbol, string>): Told[] {
  return [...symbols]
    .map(([symbol, name]) => {
      const texts = (symbol.declarations ?? []).map(textOf)
      return { name, text: [...(symbol.name === name ? [] : [`// as ${name}`]), ...texts].join('\n') }
    })
    .sort((a, b) => (a.name < b.name ? -1 : 1))
}

function textOf(declaration: ts.Node): string {
  const statement = statementOf(declaration)
  const text = printer.printNode(ts.EmitHint.Unspecified, statement, statement.getSourceFile())
  return text.replaceAll(/^( {4})+/gm, (indent) => indent.slice(indent.length / 2))
}

/** Returns the statement of a declaration: for a variable, the whole `const`. */
function statementOf(declaration: ts.Node): ts.Node {
  return ts.isVariableDeclaration(declaration) ? declaration.parent.parent : declaration
}
