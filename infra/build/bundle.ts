import { fileURLToPath } from 'node:url';
import { build, type Metafile } from 'esbuild';
import type { Artifact } from './artifacts.ts';

const root = fileURLToPath(new URL('../..', import.meta.url));

/** CommonJS packages inside an ES module ask for these. */
const BANNER = [
  `import { createRequire as __createRequire } from 'node:module';`,
  'const require = __createRequire(import.meta.url);',
].join('');

/** Bundles an artifact into `folder` as minified ES modules with source maps; lazily imported parts become chunks. */
export async function bundle(artifact: Artifact, folder: string): Promise<Metafile> {
  const { metafile } = await build({
    stdin: {
      contents: artifact.entry,
      resolveDir: root,
      sourcefile: `${artifact.cloud}-${artifact.name}.ts`,
      loader: 'ts',
    },
    absWorkingDir: root,
    outdir: folder,
    entryNames: 'index',
    chunkNames: 'chunk-[hash]',
    outExtension: { '.js': '.mjs' },
    bundle: true,
    format: 'esm',
    splitting: true,
    platform: 'node',
    target: 'node24',
    mainFields: ['module', 'main'],
    conditions: ['module', 'import'],
    minify: true,
    keepNames: false,
    sourcemap: 'external',
    sourcesContent: false,
    legalComments: 'none',
    treeShaking: true,
    external: [...artifact.external],
    banner: { js: BANNER },
    metafile: true,
    logLevel: 'error',
  });
  return metafile;
}
