/** One plane per label: which rows are positive for it, fitting, scoring, and rounding to small integers. */
import type { LabelledRow } from './csv.ts';
import { type LinearOptions, separate, squaredNorms } from './linear.ts';
import type { SparseMatrix } from './vocabulary.ts';

export interface Planes {
  /** Output after output, each `width` weights. */
  weights: Float32Array;
  biases: Float32Array;
}

export function fitPlanes(
  matrix: SparseMatrix,
  active: Int32Array,
  targets: readonly Uint8Array[],
  options: LinearOptions,
): Planes {
  const norms = squaredNorms(matrix);
  const weights = new Float32Array(targets.length * matrix.width);
  const biases = new Float32Array(targets.length);
  const plane = new Float64Array(matrix.width + 1);
  targets.forEach((positive, output) => {
    separate(matrix, norms, active, positive, options, plane);
    weights.set(plane.subarray(0, matrix.width), output * matrix.width);
    biases[output] = plane[matrix.width] ?? 0;
  });
  return { weights, biases };
}

export function marginOf(planes: Planes, matrix: SparseMatrix, row: number, output: number): number {
  const from = output * matrix.width;
  let sum = planes.biases[output] ?? 0;
  const stop = matrix.starts[row + 1] ?? 0;
  for (let i = matrix.starts[row] ?? 0; i < stop; i++) {
    sum += (planes.weights[from + (matrix.columns[i] ?? 0)] ?? 0) * (matrix.values[i] ?? 0);
  }
  return sum;
}

/** One 0/1 vector per label, and one for out of scope if any row is. */
export function targetsOf(rows: readonly LabelledRow[], labels: readonly string[]): Uint8Array[] {
  const targets = labels.map((label) => Uint8Array.from(rows, (row) => (row.labels.includes(label) ? 1 : 0)));
  const outside = Uint8Array.from(rows, (row) => (row.labels.length === 0 ? 1 : 0));
  return outside.includes(1) ? [...targets, outside] : targets;
}

/** Weights as small integers, feature by feature, so that scoring reads memory in order. */
export function quantise(planes: Planes, outputs: number, width: number, levels: number) {
  const scales = new Float32Array(outputs);
  const weights = new Int8Array(outputs * width);
  for (let k = 0; k < outputs; k++) {
    const plane = planes.weights.subarray(k * width, (k + 1) * width);
    let largest = 0;
    for (const weight of plane) largest = Math.max(largest, Math.abs(weight));
    const scale = largest > 0 ? largest / levels : 1;
    scales[k] = scale;
    for (let i = 0; i < width; i++) weights[i * outputs + k] = Math.round((plane[i] ?? 0) / scale);
  }
  return { scales, weights };
}
