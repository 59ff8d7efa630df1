// The keyboard: j/k walk the rows, Enter opens one, s goes to its "send" button, r reveals, g to the desk, ? shows the keys.
// An enhancement only: every page works without this file. It stores nothing and asks the server nothing.
"use strict";

(() => {
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const current = () => rows().findIndex((row) => row.contains(document.activeElement));
  const help = document.getElementById("keys");

  const focusRow = (index) => {
    const all = rows();
    if (all.length === 0) return;
    const row = all[Math.max(0, Math.min(index, all.length - 1))];
    const target = row.querySelector("h2 a, td a") || row;
    if (target === row) row.tabIndex = -1;
    target.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  const send = () => {
    const row = rows()[current()] || document;
    const button = row.querySelector("[data-send]") || document.querySelector("[data-send]");
    if (!button) return;
    const open = button.form.querySelector("select:invalid, input:invalid") || button;
    open.focus();
  };

  // Who holds the item reveals it by this key alone; anybody else is led to the field for the reason.
  const reveal = () => {
    const held = document.querySelector("[data-reveal]");
    const asked = document.querySelector("details.reveal");
    if (held) held.click();
    else if (asked) {
      asked.open = true;
      asked.querySelector("input[name=reason], textarea").focus();
    }
  };

  const actions = {
    j: () => focusRow(current() + 1),
    k: () => focusRow(current() < 0 ? 0 : current() - 1),
    s: send,
    r: reveal,
    g: () => window.location.assign("/"),
    "?": () => help && (help.open ? help.close() : help.showModal()),
  };

  document.addEventListener("keydown", (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey) return;
    const typing = event.target.closest("input:not([type=radio]), select, textarea");
    if (typing) {
      if (event.key === "Escape") typing.blur();
      return;
    }
    if (help && help.open && event.key !== "?") return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });

  // One press sends once: a second click on a slow morning must not ask twice.
  document.addEventListener("submit", (event) => {
    if (event.target.method === "dialog") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
  });
  // A page shown again from the browser's memory may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
})();
