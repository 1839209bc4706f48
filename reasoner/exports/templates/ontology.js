"use strict";
// Narrows a page down to the entries with a word. Without scripts the whole page is there.
(() => {
  const form = document.querySelector(".filter");
  const field = form.querySelector("input");
  const status = form.querySelector("[role=status]");
  const entries = [...document.querySelectorAll("article")].map((element) => [element, element.textContent.toLowerCase()]);
  const narrow = () => {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    let shown = 0;
    for (const [element, text] of entries) {
      element.hidden = !words.every((word) => text.includes(word));
      shown += element.hidden ? 0 : 1;
    }
    for (const group of document.querySelectorAll(".group")) {
      group.hidden = !group.querySelector("article:not([hidden])");
    }
    status.textContent = words.length ? `${shown} of ${entries.length}` : "";
  };
  form.hidden = false;
  form.addEventListener("submit", (event) => event.preventDefault());
  field.addEventListener("input", narrow);
})();
