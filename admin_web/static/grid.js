// A class's week by keyboard: Enter and Alt with an arrow move, Ctrl+D repeats the lesson above, Ctrl+Enter saves.
"use strict";
(() => {
  const form = document.getElementById("grid");
  const at = (weekday, lesson) => form.querySelector(`[data-at="${weekday}-${lesson}"]`);
  const move = (weekday, lesson) => {
    const field = at(weekday, lesson);
    if (field) { field.focus(); field.select(); }
    return Boolean(field);
  };
  form.addEventListener("keydown", (event) => {
    const field = event.target.closest("[data-at]");
    if (!field || event.isComposing) return;
    const [weekday, lesson] = field.dataset.at.split("-").map(Number);
    if (event.key === "Enter" && event.ctrlKey) {
      event.preventDefault();
      form.requestSubmit();
    } else if (event.key === "Enter") {
      event.preventDefault();  // one lesson does not send the week
      if (!move(weekday, lesson + 1)) move(weekday + 1, 1);
    } else if (event.key.toLowerCase() === "d" && event.ctrlKey) {
      event.preventDefault();
      const above = at(weekday, lesson - 1);
      if (above) field.value = above.value;
    } else if (event.altKey && (event.key === "ArrowLeft" || event.key === "ArrowRight")) {
      event.preventDefault();
      move(weekday + (event.key === "ArrowLeft" ? -1 : 1), lesson);
    } else if (event.altKey && (event.key === "ArrowUp" || event.key === "ArrowDown")) {
      event.preventDefault();
      move(weekday, lesson + (event.key === "ArrowUp" ? -1 : 1));
    }
  });
})();
