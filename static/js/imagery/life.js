// How long a stage lasts in a document that goes through many: what it hangs on the document ends with it.

let ending = new AbortController();

// For `signal` of addEventListener; aborted as the stage leaves the page.
export function life() {
  return ending.signal;
}

export function endLife() {
  const over = ending;
  ending = new AbortController();
  over.abort();
}
