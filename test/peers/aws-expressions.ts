/** DynamoDB's attribute values, of which we use these two. */
export type Value = { readonly S: string } | { readonly N: string };
export type Values = { readonly [name: string]: Value };

/** Strings go by byte of UTF-8, numbers by their size. */
export function compare(a: Value, b: Value): number {
  if ('N' in a && 'N' in b) return Number(a.N) - Number(b.N);
  return 'S' in a && 'S' in b ? Buffer.compare(Buffer.from(a.S), Buffer.from(b.S)) : Number.NaN;
}

const OPERATORS: Record<string, (order: number) => boolean> = {
  '=': (order) => order === 0,
  '<': (order) => order < 0,
  '<=': (order) => order <= 0,
  '>': (order) => order > 0,
  '>=': (order) => order >= 0,
};

/**
 * Whether an expression holds for an item: the part of the language that conditions of items and keys are written in.
 * Comparing with an attribute that is not there is false.
 * https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/Expressions.OperatorsAndFunctions.html
 */
export function holds(expression: string, values: Values, item: Values): boolean {
  const tokens = expression.match(/[()]|<=|>=|[=<>]|:?\w+/g) ?? [];
  let at = 0;
  const next = (): string => tokens[at++] ?? '';
  const accept = (token: string): boolean => {
    if (tokens[at]?.toUpperCase() !== token) return false;
    at++;
    return true;
  };
  const operand = (name: string): Value | undefined => (name.startsWith(':') ? values[name] : item[name]);

  const either = (): boolean => {
    let result = both();
    while (accept('OR')) result = both() || result;
    return result;
  };
  const both = (): boolean => {
    let result = single();
    while (accept('AND')) result = single() && result;
    return result;
  };
  const single = (): boolean => {
    if (accept('(')) {
      const result = either();
      expect(')');
      return result;
    }
    const name = next();
    if (name === 'attribute_not_exists') {
      expect('(');
      const absent = item[next()] === undefined;
      expect(')');
      return absent;
    }
    const left = operand(name);
    if (accept('BETWEEN')) {
      const from = operand(next());
      expect('AND');
      const to = operand(next());
      return (
        left !== undefined &&
        from !== undefined &&
        to !== undefined &&
        compare(left, from) >= 0 &&
        compare(left, to) <= 0
      );
    }
    const operator = OPERATORS[next()];
    const right = operand(next());
    if (!operator) throw new SyntaxError(`Not understood: ${expression}`);
    return left !== undefined && right !== undefined && operator(compare(left, right));
  };
  const expect = (token: string): void => {
    if (!accept(token)) throw new SyntaxError(`${token} is missing: ${expression}`);
  };
  const result = either();
  if (at < tokens.length) throw new SyntaxError(`Not understood: ${expression}`);
  return result;
}
