/** Label sets of one metric beyond this number share one series whose labels all say `overflow`. */
export const MAX_SERIES = 1_000;
export const OVERFLOW = 'overflow';

/** What every kind of series has in common. */
export interface Series {
  /** Label values, in the order of the family's labels. */
  readonly labels: readonly string[];
  /** Changed since the last drain. */
  touched: boolean;
}

interface Node<S> {
  readonly children: Map<string, Node<S>>;
  series?: S;
}

export type Labels = Readonly<Record<string, string>>;

export interface SeriesTable<S extends Series> {
  /** The series of these labels, made when it is new, and marked as changed. */
  touch(labels: Labels): S;
  all(): readonly S[];
  /** The series that were touched since the last time: a drain costs what happened, not what exists. */
  takeTouched(): readonly S[];
}

/**
 * Series by label values. A tree of maps, one level a label, and no joined key: a look-up allocates nothing, and no
 * value can be mistaken for two.
 */
export function createSeriesTable<S extends Series>(
  names: readonly string[],
  make: (labels: readonly string[]) => S,
): SeriesTable<S> {
  const root: Node<S> = { children: new Map() };
  const all: S[] = [];

  function add(values: readonly string[]): S {
    let node = root;
    for (const value of values) {
      let child = node.children.get(value);
      if (!child) {
        child = { children: new Map() };
        node.children.set(value, child);
      }
      node = child;
    }
    if (!node.series) {
      node.series = make(values);
      all.push(node.series);
    }
    return node.series;
  }

  function find(labels: Labels): S {
    let node: Node<S> | undefined = root;
    for (const name of names) {
      node = node.children.get(labels[name] ?? '');
      if (!node) break;
    }
    if (node?.series) return node.series;
    return add(names.map((name) => (all.length < MAX_SERIES ? (labels[name] ?? '') : OVERFLOW)));
  }

  let touched: S[] = [];
  return {
    touch(labels) {
      const series = find(labels);
      if (!series.touched) {
        series.touched = true;
        touched.push(series);
      }
      return series;
    },
    all: () => all,
    takeTouched() {
      const taken = touched;
      touched = [];
      for (const series of taken) series.touched = false;
      return taken;
    },
  };
}
