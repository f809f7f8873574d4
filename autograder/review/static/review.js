"use strict";
// Keys for what the page can do without them: every one clicks, or goes to, something that stands on the page.

function typing(target) {
  return target.closest("input:not([type=radio]):not([type=checkbox]), textarea, select") !== null;
}

function use(element) {
  if (element.tagName === "A") {
    element.click();
  } else {
    element.focus();
    element.scrollIntoView({ block: "center" });
  }
}

document.addEventListener("keydown", (event) => {
  if (event.key === "Enter" && (event.ctrlKey || event.metaKey)) {
    const form = event.target.closest("form.entry");
    if (form) {
      event.preventDefault();
      form.requestSubmit(form.querySelector("button.primary"));
    }
    return;
  }
  if (event.key === "Escape" && typing(event.target)) {
    event.target.blur();
    return;
  }
  if (event.ctrlKey || event.metaKey || event.altKey || typing(event.target)) return;
  const found = document.querySelector(`[data-key="${CSS.escape(event.key)}"]`);
  if (found) {
    event.preventDefault();
    use(found);
  }
});

// Points typed beside a rubric's levels choose them.
document.addEventListener("input", (event) => {
  const chosen = event.target.dataset.chooses;
  if (chosen) document.getElementById(chosen).checked = true;
});
