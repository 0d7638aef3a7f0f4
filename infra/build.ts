/**
 * `npm run build`: deployable artifacts below dist/<cloud>, and a table of their sizes.
 * `-- --ports local` puts the embedded store's adapters in place of the cloud's (for tests), `-- --cloud aws` builds one.
 */
import { mkdirSync, rmSync, writeFileSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { parseArgs } from 'node:util';
import { functions } from '../functions/index.ts';
import { type Artifact, artifactsOf, CLOUDS, type Cloud } from './build/artifacts.ts';
import { bundle } from './build/bundle.ts';
import { printSizes, type Size, sizeOf } from './build/sizes.ts';
import { zipFolder } from './build/zip.ts';

export interface BuildOptions {
  readonly clouds?: readonly Cloud[];
  /** Whose store, queue, bus, vault and objects: the cloud's own, or the embedded ones. */
  readonly ports?: 'cloud' | 'local';
  /** Folder that takes `<cloud>/…`; `dist` unless told otherwise. */
  readonly out?: string;
  /** Functions of the app; all unless told otherwise. */
  readonly only?: readonly string[];
}

/** Builds and returns the size of each artifact, in order of cloud and name. */
export async function build(options: BuildOptions = {}): Promise<Size[]> {
  const out = options.out ?? fileURLToPath(new URL('../dist', import.meta.url));
  const chosen = functions.filter(({ name }) => options.only?.includes(name) ?? true);
  const sizes: Size[] = [];
  for (const cloud of options.clouds ?? CLOUDS) {
    rmSync(`${out}/${cloud}`, { recursive: true, force: true });
    for (const artifact of artifactsOf(cloud, chosen, options.ports ?? 'cloud'))
      sizes.push(await make(artifact, `${out}/${cloud}`));
  }
  return sizes;
}

async function make(artifact: Artifact, folder: string): Promise<Size> {
  const target = artifact.folder === '' ? folder : `${folder}/${artifact.folder}`;
  mkdirSync(target, { recursive: true });
  const meta = await bundle(artifact, target);
  for (const [name, text] of Object.entries(artifact.files)) writeFileSync(`${target}/${name}`, text);
  const zip = artifact.folder === '' ? `${folder}.zip` : `${target}.zip`;
  const zipBytes = await zipFolder(target, zip);
  return sizeOf(artifact, target, meta, zipBytes);
}

if (import.meta.main) {
  const { values } = parseArgs({
    options: {
      ports: { type: 'string', default: 'cloud' },
      cloud: { type: 'string', multiple: true },
      only: { type: 'string', multiple: true },
      out: { type: 'string' },
    },
  });
  const clouds = CLOUDS.filter((cloud) => values.cloud?.includes(cloud) ?? true);
  const sizes = await build({
    clouds,
    ports: values.ports === 'local' ? 'local' : 'cloud',
    ...(values.only ? { only: values.only } : {}),
    ...(values.out ? { out: values.out } : {}),
  });
  printSizes(sizes);
}
