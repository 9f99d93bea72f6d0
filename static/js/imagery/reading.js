// How long a person needs to read a sentence by themselves.

const WORDS_A_SECOND = 2.2;
const AT_LEAST_MS = 4000;

export function readingTime(text, language) {
  return Math.max(AT_LEAST_MS, (countWords(text, language) / WORDS_A_SECOND) * 1000);
}

// Where words have no spaces between them, the browser knows where they end.
export function countWords(text, language) {
  try {
    const parts = new Intl.Segmenter(language, { granularity: "word" }).segment(text);
    return [...parts].filter((each) => each.isWordLike).length;
  } catch {
    return text.split(/\s+/).length;
  }
}
