import { readFileSync } from 'node:fs';
import { basename } from 'node:path';
import { gzipSync } from 'node:zlib';
import type { Metafile } from 'esbuild';
import type { Artifact } from './artifacts.ts';
import { filesBelow } from './zip.ts';

export interface Size {
  readonly cloud: string;
  readonly name: string;
  /** Bytes of JavaScript, lazy chunks counted. */
  readonly bytes: number;
  /** The same, gzipped file by file. */
  readonly gzip: number;
  /** Bytes of the zip that is deployed. */
  readonly zip: number;
  /** Chunks that load when they are needed, with their bytes gzipped. */
  readonly lazy: readonly { readonly file: string; readonly gzip: number }[];
  /** Source files that went in. */
  readonly inputs: readonly string[];
}

export function sizeOf(artifact: Artifact, folder: string, meta: Metafile, zip: number): Size {
  const scripts = filesBelow(folder).filter((file) => file.endsWith('.mjs'));
  const sizes = scripts.map((file) => {
    const text = readFileSync(file);
    return { file: basename(file), bytes: text.length, gzip: gzipSync(text).length };
  });
  const eager = eagerFiles(meta);
  return {
    cloud: artifact.cloud,
    name: artifact.name,
    bytes: sum(sizes.map((size) => size.bytes)),
    gzip: sum(sizes.map((size) => size.gzip)),
    zip,
    lazy: sizes.filter(({ file }) => !eager.has(file)).map(({ file, gzip }) => ({ file, gzip })),
    inputs: Object.keys(meta.inputs),
  };
}

/** The entry and what it imports statically. */
function eagerFiles(meta: Metafile): Set<string> {
  const seen = new Set<string>();
  const visit = (path: string): void => {
    if (seen.has(path)) return;
    seen.add(path);
    for (const imported of meta.outputs[path]?.imports ?? [])
      if (imported.kind === 'import-statement' && meta.outputs[imported.path]) visit(imported.path);
  };
  for (const path of Object.keys(meta.outputs)) if (basename(path) === 'index.mjs') visit(path);
  return new Set([...seen].map((path) => basename(path)));
}

const sum = (numbers: readonly number[]): number => numbers.reduce((a, b) => a + b, 0);
const kB = (bytes: number): string => `${(bytes / 1000).toFixed(1)} kB`;

export function printSizes(sizes: readonly Size[]): void {
  const rows = [
    ['artifact', 'script', 'gzip', 'of it lazy', 'zip'],
    ...sizes.map((size) => [
      `${size.cloud}/${size.name}`,
      kB(size.bytes),
      kB(size.gzip),
      size.lazy.length > 0 ? `${kB(sum(size.lazy.map(({ gzip }) => gzip)))} in ${size.lazy.length}` : '-',
      kB(size.zip),
    ]),
  ];
  const widths = rows[0]?.map((_, i) => Math.max(...rows.map((row) => row[i]?.length ?? 0))) ?? [];
  for (const row of rows)
    console.log(
      row.map((cell, i) => (i === 0 ? cell.padEnd(widths[i] ?? 0) : cell.padStart(widths[i] ?? 0))).join('  '),
    );
}
