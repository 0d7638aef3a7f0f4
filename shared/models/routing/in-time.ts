/** A store that takes longer than this is away, as far as a model's health and limits are concerned. */
const STORE_MS = 500;

/** The store's answer, or a rejection after `STORE_MS` of real time: the port's own retries would hold up a customer. */
export async function inTime<T>(answer: Promise<T>): Promise<T> {
  let timer: NodeJS.Timeout | undefined;
  const late = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the store did not answer in ${STORE_MS} ms`)), STORE_MS);
  });
  try {
    return await Promise.race([answer, late]);
  } finally {
    clearTimeout(timer);
  }
}
