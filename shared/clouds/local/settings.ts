import { some, type Variables } from '../../settings.ts';

/** What the embedded adapters read. */
export const LOCAL = {
  dataDir: {
    name: 'TRIFOLD_DATA_DIR',
    about: 'Folder of the embedded store',
    fallback: '.trifold',
    expected: 'a path',
    read: some,
  },
} as const satisfies Variables;
