/**
 * The part of Cosmos DB's SQL that the store and the SDKs' simplest calls use: SELECT * or a list of members, one WHERE,
 * one ORDER BY. Everything else is refused, so that a query which only this peer understands cannot slip in.
 */
export type Value = null | boolean | number | string | Value[] | { [key: string]: Value };
/** A member that is missing; comparisons with it are neither true nor false. */
type Maybe = Value | undefined;
type Expression = (document: Value, parameters: Parameters) => Maybe;
export type Parameters = Readonly<Record<string, Value>>;

export interface Query {
  readonly select: '*' | 'VALUE' | readonly { readonly name: string; readonly of: Expression }[];
  matches(document: Value, parameters: Parameters): boolean;
  readonly order?: { readonly by: Expression; readonly descending: boolean };
}

export class SqlError extends Error {
  override readonly name = 'SqlError';
}

export function parseQuery(text: string): Query {
  const parser = createParser(text);
  parser.expect('SELECT');
  const select = parser.selection();
  const alias = parser.from();
  const where = parser.accept('WHERE') ? parser.expression(alias) : () => true;
  const order = parser.accept('ORDER') ? parser.order(alias) : undefined;
  parser.end();
  const columns = typeof select === 'string' ? select : select.map((path) => ({ name: path.name, of: path.of(alias) }));
  return {
    select: columns,
    matches: (document, parameters) => where(document, parameters) === true,
    ...(order ? { order } : {}),
  };
}

/** The condition of a patch: `FROM c WHERE …`. */
export function parsePredicate(text: string): (document: Value) => boolean {
  const parser = createParser(text);
  const alias = parser.from();
  parser.expect('WHERE');
  const where = parser.expression(alias);
  parser.end();
  return (document) => where(document, {}) === true;
}

/** Documents in the order of strings that Cosmos DB keeps: by UTF-8 bytes. */
export function compareValues(a: Maybe, b: Maybe): number {
  if (typeof a === 'string' && typeof b === 'string') return Buffer.compare(Buffer.from(a), Buffer.from(b));
  if (typeof a === 'number' && typeof b === 'number') return a - b;
  return rank(a) - rank(b);
}
const rank = (value: Maybe): number =>
  ['undefined', 'object', 'boolean', 'number', 'string'].indexOf(value === null ? 'object' : typeof value);

const TOKEN =
  /\s*(?:(@?[A-Za-z_][A-Za-z0-9_]*)|(-?\d+(?:\.\d+)?)|("(?:[^"\\]|\\.)*"|'(?:[^'\\]|\\.)*')|(<=|>=|!=|<>|[=<>(),.*[\]]))/y;

function createParser(text: string) {
  const tokens: string[] = [];
  for (TOKEN.lastIndex = 0; text.slice(TOKEN.lastIndex).trim() !== ''; ) {
    const at = TOKEN.lastIndex;
    const token = TOKEN.exec(text)?.[0].trim();
    if (token === undefined) throw new SqlError(`Syntax error near "${text.slice(at, at + 20)}"`);
    tokens.push(token);
  }
  let next = 0;
  const peek = (): string => tokens[next] ?? '';
  const take = (): string => tokens[next++] ?? '';
  const accept = (word: string): boolean => {
    const found = peek().toUpperCase() === word.toUpperCase();
    if (found) next++;
    return found;
  };
  const expect = (word: string): void => {
    if (!accept(word)) throw new SqlError(`Syntax error: expected ${word}, found "${peek()}"`);
  };

  const name = (): string => {
    if (!/^[A-Za-z_]/.test(peek())) throw new SqlError(`Syntax error near "${peek()}"`);
    return take();
  };

  /** `c`, `c.a`, `c.a["b"]`: read when the alias is known, because SELECT comes before FROM. */
  function path(): { name: string; of: (alias: string) => Expression } {
    const root = name();
    const steps: string[] = [];
    for (;;) {
      if (accept('.')) steps.push(name());
      else if (accept('[')) {
        steps.push(JSON.parse(take()));
        expect(']');
      } else break;
    }
    return {
      name: steps.at(-1) ?? root,
      of: (alias) => {
        if (root !== alias) throw new SqlError(`Identifier '${root}' could not be resolved`);
        return (document) => steps.reduce<Maybe>(member, document);
      },
    };
  }

  function selection(): '*' | 'VALUE' | { name: string; of: (alias: string) => Expression }[] {
    if (accept('*')) return '*';
    if (accept('VALUE')) {
      path();
      return 'VALUE';
    }
    const paths = [path()];
    while (accept(',')) paths.push(path());
    return paths;
  }

  function from(): string {
    expect('FROM');
    return name();
  }

  function order(alias: string): { by: Expression; descending: boolean } {
    expect('BY');
    const by = path().of(alias);
    const descending = accept('DESC');
    if (!descending) accept('ASC');
    return { by, descending };
  }

  const expression = (alias: string): Expression => {
    let left = conjunction(alias);
    while (accept('OR')) left = either(left, conjunction(alias));
    return left;
  };
  const conjunction = (alias: string): Expression => {
    let left = negation(alias);
    while (accept('AND')) left = both(left, negation(alias));
    return left;
  };
  const negation = (alias: string): Expression => {
    if (!accept('NOT')) return comparison(alias);
    const inner = negation(alias);
    return (document, parameters) => {
      const value = inner(document, parameters);
      return typeof value === 'boolean' ? !value : undefined;
    };
  };
  const comparison = (alias: string): Expression => {
    const left = operand(alias);
    const operator = peek();
    const test = COMPARISONS[operator];
    if (!test) return left;
    next++;
    const right = operand(alias);
    return (document, parameters) => test(left(document, parameters), right(document, parameters));
  };
  const operand = (alias: string): Expression => {
    if (accept('(')) {
      const inner = expression(alias);
      expect(')');
      return inner;
    }
    const token = peek();
    if (/^["'\d-]/.test(token)) {
      const value: Value = JSON.parse(take().replace(/^'(.*)'$/s, '"$1"'));
      return () => value;
    }
    if (/^(true|false|null)$/i.test(token)) {
      const value: Value = JSON.parse(take().toLowerCase());
      return () => value;
    }
    if (token.startsWith('@')) {
      take();
      return (_, parameters) => {
        if (!(token in parameters)) throw new SqlError(`Parameter ${token} is missing`);
        return parameters[token];
      };
    }
    if (tokens[next + 1] === '(') return call(alias);
    return path().of(alias);
  };
  const call = (alias: string): Expression => {
    const called = take().toUpperCase();
    const run = FUNCTIONS[called];
    if (!run) throw new SqlError(`'${called}' is not a recognized built-in function name`);
    expect('(');
    const given = [expression(alias)];
    while (accept(',')) given.push(expression(alias));
    expect(')');
    return (document, parameters) => run(...given.map((argument) => argument(document, parameters)));
  };
  const end = (): void => {
    if (next < tokens.length) throw new SqlError(`Syntax error near "${peek()}"`);
  };
  return { expect, accept, selection, from, order, expression, end };
}

const member = (value: Maybe, step: string): Maybe =>
  typeof value === 'object' && value !== null && !Array.isArray(value) ? value[step] : undefined;

/** Three-valued: what is undefined decides nothing. */
const either =
  (left: Expression, right: Expression): Expression =>
  (document, parameters) => {
    const [a, b] = [left(document, parameters), right(document, parameters)];
    if (a === true || b === true) return true;
    return a === false && b === false ? false : undefined;
  };
const both =
  (left: Expression, right: Expression): Expression =>
  (document, parameters) => {
    const [a, b] = [left(document, parameters), right(document, parameters)];
    if (a === false || b === false) return false;
    return a === true && b === true ? true : undefined;
  };

/** Values of different types are not in any order, and a comparison of them is undefined. */
const ordered =
  (test: (order: number) => boolean) =>
  (a: Maybe, b: Maybe): Maybe =>
    a !== undefined && b !== undefined && rank(a) === rank(b) ? test(compareValues(a, b)) : undefined;
const equal = (a: Maybe, b: Maybe): Maybe =>
  a === undefined || b === undefined ? undefined : JSON.stringify(a) === JSON.stringify(b);

const COMPARISONS: Readonly<Record<string, (a: Maybe, b: Maybe) => Maybe>> = {
  '=': equal,
  '!=': (a, b) => (equal(a, b) === undefined ? undefined : !equal(a, b)),
  '<': ordered((order) => order < 0),
  '<=': ordered((order) => order <= 0),
  '>': ordered((order) => order > 0),
  '>=': ordered((order) => order >= 0),
};

const FUNCTIONS: Readonly<Record<string, (...given: Maybe[]) => Maybe>> = {
  IS_NULL: (value) => value === null,
  IS_DEFINED: (value) => value !== undefined,
  ARRAY_CONTAINS: (list, value) =>
    Array.isArray(list) && value !== undefined ? list.some((each) => equal(each, value) === true) : undefined,
};
