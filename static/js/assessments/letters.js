// Says how many letters still fit, once there are few, and how many are too many. It waits for a pause: a count that is
// read out with every key drowns the words. The server has the last word; nothing is ever cut here.

const PAUSE_MS = 600;
const NEAR_THE_END = 400; // so few letters left are worth saying, of a long text
const SHARE = 4; // of a short one, the last quarter

for (const field of document.querySelectorAll("[data-letters]")) count(field);

function count(field) {
  const most = Number(field.dataset.letters);
  const near = Math.min(NEAR_THE_END, Math.ceil(most / SHARE));
  const told = document.querySelector("[data-letters-left]");
  if (!told) return;
  let timer = 0;

  field.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(tell, PAUSE_MS);
  });
  tell();

  function tell() {
    const left = most - [...field.value.trim()].length; // letters as the server counts them
    const words = left < 0 ? told.dataset.over : left <= near ? told.dataset.left : "";
    const text = words.replace("{n}", String(Math.abs(left)));
    told.classList.toggle("error", left < 0);
    if (told.textContent !== text) told.textContent = text;
  }
}
