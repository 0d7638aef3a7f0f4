/** Reads and writes the two-column CSV that training data comes in (RFC 4180, header `text,category`). */

export interface LabelledRow {
  text: string;
  /** Empty = out of scope; several = a text with several intents. */
  labels: string[];
}

/** The category of texts that belong to none of the intents. */
export const OUT_OF_SCOPE = 'oos';

export class CsvError extends Error {
  readonly line: number;
  constructor(line: number, problem: string) {
    super(`CSV line ${line}: ${problem}`);
    this.name = 'CsvError';
    this.line = line;
  }
}

/**
 * Splits RFC 4180 text into records with the line each one begins on (from 1). Quoted fields may hold commas, line
 * breaks and doubled quotes; LF and CRLF both end a record; blank lines are skipped.
 * @throws CsvError for an unclosed quote or text after a closing quote.
 */
export function parseCsv(text: string): { line: number; fields: string[] }[] {
  const records: { line: number; fields: string[] }[] = [];
  const end = text.length;
  let at = text.charCodeAt(0) === 0xfeff ? 1 : 0; // spreadsheets write a byte order mark
  let line = 1;
  while (at < end) {
    const record = { line, fields: [] as string[] };
    for (;;) {
      if (text[at] === '"') {
        const opened = line;
        let field = '';
        for (;;) {
          const close = text.indexOf('"', at + 1);
          if (close < 0) throw new CsvError(opened, 'a quoted field is never closed; add the missing "');
          field += text.slice(at + 1, close);
          at = close + 1;
          if (text[at] !== '"') break;
          field += '"';
        }
        for (const char of field) if (char === '\n') line++;
        if (at < end && text[at] !== ',' && text[at] !== '\n' && !(text[at] === '\r' && text[at + 1] === '\n'))
          throw new CsvError(line, `unexpected "${text[at]}" after a closing quote; double the quotes inside a field`);
        record.fields.push(field);
      } else {
        let stop = at;
        while (stop < end && text[stop] !== ',' && text[stop] !== '\n') {
          if (text[stop] === '"') throw new CsvError(line, 'a quote inside an unquoted field; quote the whole field');
          stop++;
        }
        const crlf = text[stop] === '\n' && text[stop - 1] === '\r' && stop > at ? 1 : 0;
        record.fields.push(text.slice(at, stop - crlf));
        at = stop;
      }
      if (text[at] !== ',') break;
      at++;
    }
    if (text[at] === '\r') at++;
    if (text[at] === '\n') at++;
    line++;
    if (record.fields.length > 1 || record.fields[0] !== '') records.push(record);
  }
  return records;
}

/**
 * Reads labelled rows. The category `oos` means out of scope; `billing|technical` names several labels.
 * @throws CsvError with the line when the header is not `text,category` or a row is malformed.
 */
export function readLabelledCsv(csv: string): LabelledRow[] {
  const [header, ...records] = parseCsv(csv);
  if (header?.fields.map((name) => name.trim().toLowerCase()).join() !== 'text,category')
    throw new CsvError(1, `expected the header "text,category", found "${header?.fields.join() ?? ''}"`);
  return records.map(({ line, fields }) => {
    const [text, category] = fields;
    if (fields.length !== 2 || text === undefined || category === undefined)
      throw new CsvError(line, `expected 2 fields, found ${fields.length}; quote a text that contains commas`);
    const labels = category.split('|').map((label) => label.trim());
    if (text.trim() === '') throw new CsvError(line, 'the text is empty');
    if (labels.includes('')) throw new CsvError(line, 'the category is empty');
    return { text, labels: labels.filter((label) => label !== OUT_OF_SCOPE) };
  });
}

/** The inverse of `readLabelledCsv`. */
export function writeLabelledCsv(rows: readonly LabelledRow[]): string {
  const quote = (field: string) => (/[",\r\n]/.test(field) ? `"${field.replaceAll('"', '""')}"` : field);
  const lines = rows.map(({ text, labels }) => `${quote(text)},${quote(labels.join('|') || OUT_OF_SCOPE)}`);
  return `text,category\n${lines.join('\n')}\n`;
}
