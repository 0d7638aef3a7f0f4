/**
 * A model as bytes, about one per weight. Layout: `TFM1`, length of the header (uint32, little endian), header (JSON),
 * gaps between the sorted hashes (LEB128), idf (one byte each), weights (one signed byte each).
 */
import type { FeatureSpec } from './features.ts';
import type { Model } from './model.ts';
import { IDF_STEP } from './vocabulary.ts';

const MAGIC = 'TFM1';

interface Header {
  mode: Model['mode'];
  labels: string[];
  spec: FeatureSpec;
  width: number;
  hashBytes: number;
  outputs: number;
  scales: number[];
  biases: number[];
  slopes: number[];
  offsets: number[];
  scope: Model['scope'];
}

/** Writes a model; `load` gives back one that answers the same. The bytes compress well. */
export function save(model: Model): Uint8Array {
  const { hashes, idf, spec } = model.vocabulary;
  const gaps: number[] = [];
  let previous = 0;
  for (const hash of hashes) {
    let gap = hash - previous;
    previous = hash;
    for (; gap >= 0x80; gap = Math.floor(gap / 0x80)) gaps.push((gap & 0x7f) | 0x80);
    gaps.push(gap);
  }
  const header: Header = {
    mode: model.mode,
    labels: model.labels,
    spec,
    width: hashes.length,
    hashBytes: gaps.length,
    outputs: model.outputs,
    scales: [...model.scales],
    biases: [...model.biases],
    slopes: [...model.slopes],
    offsets: [...model.offsets],
    scope: model.scope,
  };
  const json = new TextEncoder().encode(MAGIC.padEnd(8, ' ') + JSON.stringify(header));
  const bytes = new Uint8Array(json.length + gaps.length + idf.length + model.weights.length);
  bytes.set(json);
  new DataView(bytes.buffer).setUint32(MAGIC.length, json.length - 8, true);
  bytes.set(gaps, json.length);
  bytes.set(
    Uint8Array.from(idf, (value) => Math.round(value / IDF_STEP)),
    json.length + gaps.length,
  );
  bytes.set(
    new Uint8Array(model.weights.buffer, model.weights.byteOffset, model.weights.length),
    bytes.length - model.weights.length,
  );
  return bytes;
}

function readHashes(gaps: Uint8Array, width: number): Uint32Array {
  const hashes = new Uint32Array(width);
  let at = 0;
  let hash = 0;
  for (let i = 0; i < width; i++) {
    let unit = 1;
    let byte = gaps[at++] ?? 0;
    for (; byte >= 0x80; byte = gaps[at++] ?? 0) {
      hash += (byte & 0x7f) * unit;
      unit *= 0x80;
    }
    hash += byte * unit;
    hashes[i] = hash;
  }
  return hashes;
}

/** A loop: `Float32Array.from` with a function takes milliseconds in a cold process. */
function readIdf(steps: Uint8Array): Float32Array {
  const idf = new Float32Array(steps.length);
  for (let i = 0; i < steps.length; i++) idf[i] = (steps[i] ?? 0) * IDF_STEP;
  return idf;
}

/**
 * Reads what `save` wrote. Loads only files of one's own: the header is trusted apart from its lengths.
 * @throws Error when the bytes are no model or are cut short.
 */
export function load(bytes: Uint8Array): Model {
  if (bytes.length < 8 || new TextDecoder().decode(bytes.subarray(0, 4)) !== MAGIC)
    throw new Error(`These bytes are no classifier model: they don't begin with ${MAGIC}`);
  const headerEnd = 8 + new DataView(bytes.buffer, bytes.byteOffset).getUint32(MAGIC.length, true);
  if (headerEnd > bytes.length) throw new Error('The classifier model is cut short inside its header; save it again');
  // The shape is what `save` wrote under this magic; a change of the shape changes the magic.
  const header = JSON.parse(new TextDecoder().decode(bytes.subarray(8, headerEnd))) as Header;
  const idfStart = headerEnd + header.hashBytes;
  const weightStart = idfStart + header.width;
  const end = weightStart + header.width * header.outputs;
  if (end !== bytes.length)
    throw new Error(`The classifier model has ${bytes.length} bytes, expected ${end}; save it again`);

  return {
    mode: header.mode,
    labels: header.labels,
    vocabulary: {
      spec: header.spec,
      hashes: readHashes(bytes.subarray(headerEnd, idfStart), header.width),
      idf: readIdf(bytes.subarray(idfStart, weightStart)),
    },
    outputs: header.outputs,
    // Copies, modulo 256; `slice().buffer` would be wrong for a Buffer, whose slice shares memory.
    weights: new Int8Array(bytes.subarray(weightStart, end)),
    scales: Float32Array.from(header.scales),
    biases: Float32Array.from(header.biases),
    slopes: Float32Array.from(header.slopes),
    offsets: Float32Array.from(header.offsets),
    scope: header.scope,
  };
}
