// Two boxes over the page: the list of keys, and the question whether to leave. Escape closes either, and the focus goes back.

import { life } from "./life.js";

// `opened` is told before a box opens, `closed` once it is closed again.
export function dialogs({ part, opened, closed }) {
  const boxes = { keys: part("keys-box"), leave: part("leave-box") };
  for (const box of Object.values(boxes)) {
    document.body.append(box);
    box.addEventListener("close", closed);
    box.querySelector("[data-close]").addEventListener("click", () => box.close());
    life().addEventListener("abort", () => box.open && box.close());
  }
  return {
    get isOpen() {
      return Object.values(boxes).some((each) => each.open);
    },
    show(name) {
      if (this.isOpen) return;
      opened();
      boxes[name].showModal();
    },
  };
}
