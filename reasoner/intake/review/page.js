"use strict";
const cards = [...document.querySelectorAll(".card[id]:not(.blank)")].filter((c) => c.querySelector(".decide"));
const facts = cards.filter((c) => c.dataset.section === "facts");
const progress = document.getElementById("progress");

function count() {
  let kept = 0, dropped = 0;
  for (const card of cards) {
    const chosen = card.querySelector(".decide input:checked");
    card.classList.toggle("kept", chosen?.value === "keep");
    card.classList.toggle("dropped", chosen?.value === "drop");
    if (card.dataset.section !== "facts") continue;
    kept += chosen?.value === "keep";
    dropped += chosen?.value === "drop";
  }
  progress.textContent =
    `${kept} accepted, ${dropped} dropped, ${facts.length - kept - dropped} of ${facts.length} facts to look at.`;
}

function show(card) {
  for (const other of document.querySelectorAll(".current")) other.classList.remove("current");
  if (!card) return;
  card.classList.add("current");
  const marks = [...document.querySelectorAll("mark")].filter((m) => m.dataset.cards.split(" ").includes(card.id));
  marks.forEach((m) => m.classList.add("current"));
  const whole = document.querySelector(`.whole-mark[data-card="${CSS.escape(card.id)}"]`);
  whole?.closest(".passage").classList.add("current");
  const aside = document.querySelector("aside");
  const target = marks[0] ?? whole;
  // Beside each other, the source moves to the words; below each other, nothing jumps.
  if (target && getComputedStyle(aside).position === "sticky") {
    aside.scrollTop += target.getBoundingClientRect().top - aside.getBoundingClientRect().top - 80;
  }
}

function decide(card, value) {
  const radio = card.querySelector(`.decide input[value="${value}"]`);
  radio.checked = true;
  count();
}

function go(card) {
  if (!card) return;
  card.scrollIntoView({ block: "nearest" });
  (card.querySelector(".decide input:checked") ?? card.querySelector(".decide input")).focus();
}

document.addEventListener("change", (event) => {
  const card = event.target.closest?.(".card[id]");
  // Who changes a field has looked at the fact, and keeps it.
  if (card && !event.target.closest(".decide") && cards.includes(card) && !card.querySelector(".decide input:checked")) {
    decide(card, "keep");
  }
  count();
});
document.addEventListener("focusin", (event) => {
  const card = event.target.closest?.(".card[id]");
  if (card) show(card);
});
document.addEventListener("keydown", (event) => {
  if (event.ctrlKey || event.metaKey || event.altKey) return;
  if (event.target.matches?.("input:not([type=radio]), textarea, select")) return;
  const card = document.activeElement.closest?.(".card[id]");
  const at = cards.indexOf(card);
  if (event.key === "a" && at >= 0) { decide(card, "keep"); go(cards[at + 1]); }
  else if (event.key === "d" && at >= 0) { decide(card, "drop"); go(cards[at + 1]); }
  else if (event.key === "j") go(cards[at + 1]);
  else if (event.key === "k") go(cards[Math.max(0, at - 1)]);
  else return;
  event.preventDefault();
});

let selected = "";
document.addEventListener("selectionchange", () => {
  const selection = document.getSelection();
  if (selection.rangeCount && document.querySelector("aside").contains(selection.anchorNode)) {
    const range = selection.getRangeAt(0).cloneContents();
    range.querySelectorAll(".number").forEach((n) => n.remove());
    selected = range.textContent.replace(/\s+/g, " ").trim() || selected;
  }
});
for (const button of document.querySelectorAll(".take")) {
  button.hidden = false;
  button.addEventListener("click", () => {
    const quote = button.closest(".card").querySelector("textarea[name$='.quote']");
    if (selected) quote.value = selected;
    quote.focus();
  });
}

const help = document.createElement("p");
help.className = "note";
help.textContent = "Keys: a accepts, d drops, j and k go to the next and the one before.";
document.querySelector(".bar").after(help);
document.getElementById("errors")?.focus();
count();
