// An answer, or that the question does not apply: choosing one takes back the other. What was given comes back when
// "does not apply" is taken back. Without this, both at once are asked about by the server.

document.addEventListener("potoo:placed", tieAll);
tieAll();

function tieAll() {
  for (const box of document.querySelectorAll("[data-na]")) tie(box);
}

function tie(box) {
  const name = box.getAttribute("name");
  const others = [...box.closest("fieldset").querySelectorAll("input, textarea")].filter(
    (each) => each !== box && each.getAttribute("name") === name,
  );
  let before = null; // what was given when it was said that the question does not apply

  box.addEventListener("change", () => {
    if (box.checked) {
      before = others.map(given);
      for (const each of others) give(each, isTicked(each) ? false : "");
    } else if (before) {
      others.forEach((each, n) => give(each, before[n]));
      before = null;
    }
  });
  for (const each of others) {
    each.addEventListener("input", () => {
      if (given(each)) box.checked = false;
    });
  }
}

function isTicked(input) {
  return input.type === "checkbox";
}

function given(input) {
  return isTicked(input) ? input.checked : input.value;
}

function give(input, value) {
  if (isTicked(input)) input.checked = value;
  else input.value = value;
  input.dispatchEvent(new Event("input", { bubbles: true })); // what is drawn from it, such as a line, follows
}
