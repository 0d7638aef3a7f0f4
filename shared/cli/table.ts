/** Rows as aligned columns under their heads; numbers to the right. Long cells are cut to keep a line a line. */
export function toTable(heads: readonly string[], rows: readonly (readonly (string | number)[])[], most = 60): string {
  const cells = [heads, ...rows].map((row) => row.map((cell) => cut(String(cell).replace(/\s+/g, ' '), most)));
  const widths = heads.map((_, i) => Math.max(...cells.map((row) => row[i]?.length ?? 0)));
  const right = heads.map((_, i) => rows.length > 0 && rows.every((row) => typeof row[i] === 'number'));
  return cells
    .map((row) =>
      row
        .map((cell, i) => (right[i] ? cell.padStart(widths[i] ?? 0) : cell.padEnd(widths[i] ?? 0)))
        .join('  ')
        .trimEnd(),
    )
    .join('\n');
}

const cut = (text: string, most: number): string => (text.length <= most ? text : `${text.slice(0, most - 1)}…`);
export const timeOf = (ms: number): string => new Date(ms).toISOString().slice(0, 16).replace('T', ' ');
