// Which sentence is heard when. A recording's captions hold the very words of the sentences, cut as it pleases whoever timed
// them: so it is by counting words that a caption finds its sentence.

// For each caption {at_s, place}: when it begins, and the place of the sentence in which its first word stands.
export function placesOf(captions, sentences) {
  const ends = [];
  for (const each of sentences) ends.push((ends.at(-1) ?? 0) + countOf(each));
  let before = 0;
  return captions.map(({ at_s, text }) => {
    const place = ends.findIndex((end) => before < end);
    before += countOf(text);
    return { at_s, place: place < 0 ? sentences.length - 1 : place };
  });
}

// Where in the recording a sentence begins, as near as its captions tell.
export function startOf(place, places) {
  const own = places.find((each) => each.place >= place);
  return own ? own.at_s : 0;
}

// The sentence that is heard at a time.
export function heardAt(time_s, places) {
  let place = 0;
  for (const each of places) if (each.at_s <= time_s + 0.05) place = each.place;
  return place;
}

function countOf(text) {
  return wordsOf(text).length;
}

// What the check of captions takes for words (protocol/captions.py): signs between them are none, and where a language puts no
// spaces each character is one.
const PART = /[\p{L}\p{M}\p{N}\p{Sc}\p{Sm}\p{So}%&]/u;
const NO_ROOM = /\p{Cf}/u;
const ONE_OF_TWO = /[\u{1F1E6}-\u{1F1FF}]/u; // two letters make a flag; neither is wide
const WHOLE = new RegExp(
  "[\\p{Emoji_Presentation}\u0E00-\u0EFF\u1000-\u109F\u1780-\u17FF\u1100-\u115F\u2E80-\u303E\u3041-\u3247\u3250-\u4DBF" +
    "\u4E00-\uA4C6\uA960-\uA97C\uAC00-\uD7A3\uF900-\uFAFF\uFE62-\uFE69\uFF04-\uFF5E\uFFE0-\uFFE6\\u{16FE0}-\\u{1B2FB}" +
    "\\u{1F200}-\\u{1F265}\\u{20000}-\\u{3FFFD}]",
  "u",
);

export function wordsOf(text) {
  const words = [];
  let word = "";
  for (const character of text.normalize("NFC")) {
    if (NO_ROOM.test(character)) continue;
    const isPart = PART.test(character);
    const isWhole = isPart && WHOLE.test(character) && !ONE_OF_TWO.test(character);
    if (isPart && !isWhole) {
      word += character;
      continue;
    }
    if (word) words.push(word);
    word = "";
    if (isWhole) words.push(character);
  }
  return word ? [...words, word] : words;
}
