/**
 * Trains the screen's classifier and writes it to `generated/screen.bin.ts`. Deterministic: the same texts and code
 * give the same file.
 * Run: `node shared/injection/generate.ts`
 */
import { writeFileSync } from 'node:fs';
import { deflateRawSync } from 'node:zlib';
import { save } from '../models/offline/serialize.ts';
import { readCorpus, trainScreen } from './training.ts';

/** The generated module's text. */
export function renderScreenModule(): string {
  const { attacks, harmless } = readCorpus();
  const model = save(
    trainScreen(
      attacks.map(({ text }) => text),
      harmless,
    ),
  );
  const packed = deflateRawSync(model, { level: 9 }).toString('base64');
  return `// Written by generate.ts from corpus.csv. Don't edit.\nexport const SCREEN_MODEL =\n  '${packed}';\n`;
}

if (import.meta.main) {
  const source = renderScreenModule();
  writeFileSync(new URL('generated/screen.bin.ts', import.meta.url), source);
  console.log(`generated/screen.bin.ts: ${source.length} characters`);
}
