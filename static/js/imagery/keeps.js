// Where that stands which outlasts a stage: it is moved from page to page, and drawn over all of them.

export function keeps() {
  const there = document.querySelector("[data-keeps]");
  if (there) return there;
  const made = Object.assign(document.createElement("div"), { className: "keeps" });
  made.setAttribute("data-keeps", "");
  document.body.append(made);
  return made;
}
