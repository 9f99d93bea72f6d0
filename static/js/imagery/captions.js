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
  return text.split(/\s+/).filter(Boolean).length;
}
