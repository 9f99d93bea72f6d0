// The picture, once it is its time: it can be put away and brought back.

import { now } from "./clock.js";
import { life } from "./life.js";
import { note } from "./log.js";

export function reveal({ form, say, part }) {
  const figure = form.querySelector("figure") ?? form.querySelector("img");
  if (!figure) return;
  const image = figure.querySelector("img") ?? figure;
  const button = part("picture-switch");
  const signal = life();
  const began = now();
  let shownAt = null;

  const shown = (decoded_ms) => {
    if (signal.aborted || figure.hidden || shownAt !== null) return;
    shownAt = now();
    note("reveal_shown", { decoded_ms });
  };
  const hidden = () => {
    if (shownAt !== null) note("reveal_hide", { visible_ms: now() - shownAt });
    shownAt = null;
  };
  const sayWhat = () => (button.textContent = figure.hidden ? say.showPicture : say.hidePicture);
  image.decode().then(() => shown(now() - began), () => shown(null));
  button.addEventListener("click", () => {
    figure.hidden = !figure.hidden;
    sayWhat();
    if (figure.hidden) hidden();
    else shown(null);
  });
  signal.addEventListener("abort", hidden);
  sayWhat();
  form.querySelector("[data-primary]").after(button);
}
