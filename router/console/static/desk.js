// The keyboard: what each key finds stands in the list of keys (#keys), which the page brings; j/k walk the rows, x ticks one.
// An enhancement only: every page works without this file. It stores nothing, and asks the server for nothing but news.
"use strict";

(() => {
  const help = document.getElementById("keys");
  const rows = () => [...document.querySelectorAll("[data-row]")];
  const current = () => rows().findIndex((row) => row.contains(document.activeElement));
  const keys = new Map();
  for (const one of help ? help.querySelectorAll("[data-key]") : []) keys.set(one.dataset.key, [...(keys.get(one.dataset.key) || []), one.dataset]);

  const focusRow = (index) => {
    const all = rows();
    if (all.length === 0) return;
    const row = all[Math.max(0, Math.min(index, all.length - 1))];
    const target = row.querySelector("h2 a, td a") || row;
    if (target === row) row.tabIndex = -1;
    target.focus({ preventScroll: true });
    row.scrollIntoView({ block: "nearest" });
  };

  const tick = () => {
    const row = rows()[current()];
    const box = row && row.querySelector("input[type=checkbox]");
    if (box) box.click();
  };

  // Everything that a key may mean on this page, in the order of the page; in the row that has the focus, that alone.
  const meant = (key) => {
    const inside = (found) => found.filter((one) => !help.contains(one));
    const among = (place) => (keys.get(key) || []).flatMap((one) => (one.finds ? inside([...place.querySelectorAll(one.finds)]).map((found) => [found, one.how]) : []));
    const row = rows()[current()];
    const here = row && row.closest("[data-rows]") ? among(row) : [];
    const found = here.length ? here : among(document);
    return found.sort(([one], [other]) => (one.compareDocumentPosition(other) & Node.DOCUMENT_POSITION_FOLLOWING ? -1 : 1));
  };

  const button = (form) => form.querySelector("[data-reveal], button[type=submit], button:not([type])");

  // The field that is wanted first, or the button; what is folded opens. To whom something goes is said before why.
  const lead = (found) => {
    for (let around = found.closest("details"); around; around = around.parentElement.closest("details")) around.open = true;
    const form = found.closest("form");
    const wanted = () => [...form.querySelectorAll("select, input, textarea")].find((one) => one.matches(":invalid") || (one.matches("[data-whom]") && !one.value));
    const target = form && found === form ? wanted() || button(form) : found;
    if (!target) return;
    if (target.matches("section, h2, div")) target.tabIndex = -1;
    target.focus();
    target.scrollIntoView({ block: "nearest" });
  };

  const press = (found) => {
    const form = found.closest("form");
    if (!form || found.matches("button")) found.click();
    else if (form.checkValidity()) button(form).click();
    else lead(form);
  };

  const walk = {
    j: () => focusRow(current() + 1),
    k: () => focusRow(current() < 0 ? 0 : current() - 1),
    x: tick,
    "?": () => (help.open ? help.close() : help.showModal()),
  };

  // Pressed again, a key goes on to the next thing that it may mean. Who holds an item reveals it by the key alone.
  const act = (key) => {
    const found = meant(key);
    if (found.length === 0) {
      const elsewhere = (keys.get(key) || []).find((one) => one.go);
      if (elsewhere) window.location.assign(elsewhere.go);
      return Boolean(elsewhere);
    }
    const at = found.findIndex(([one]) => one.contains(document.activeElement));
    const [target, how] = found[(at + 1) % found.length];
    if (how === "press" || target.querySelector("[data-reveal]")) press(target);
    else lead(target);
    return true;
  };

  const typing = (target) => target.closest("input:not([type=radio]):not([type=checkbox]), select, textarea");

  document.addEventListener("keydown", (event) => {
    if (!help || event.ctrlKey || event.metaKey || event.altKey) return;
    if (typing(event.target)) {
      if (event.key === "Escape") event.target.blur();
      return;
    }
    if (help.open && event.key !== "?") return;
    if (walk[event.key]) walk[event.key]();
    else if (event.key === "Enter" || !keys.has(event.key) || !act(event.key)) return;
    event.preventDefault();
  });

  // Each key is shown where it works: the style sheet writes it behind what says so.
  const show = () => {
    for (const key of keys.keys()) {
      for (const [found] of meant(key)) {
        const fold = found.closest("details");
        const places = found.matches("form") ? [fold && fold.querySelector("summary"), button(found)] : [found];
        for (const place of places) if (place && place.matches("summary, button, a")) place.setAttribute("aria-keyshortcuts", key);
      }
    }
  };
  show();

  // What came since is said below the list, which stays as it is; looking again comes back to the row that had the focus.
  const news = document.querySelector("[data-news]");
  const again = document.querySelector("a[data-new]");
  let stream = null;
  const hush = () => {
    if (stream) stream.close();
    stream = null;
  };
  const listen = () => {
    if (!news || stream || document.hidden || !window.EventSource) return;
    stream = new EventSource(news.dataset.news);
    stream.addEventListener("new", (event) => {
      const count = Number(event.data);
      const said = count === 1 ? news.dataset.one : news.dataset.many.replace("{count}", count.toLocaleString(document.documentElement.lang));
      news.textContent = count > 0 ? said : "";
      if (count > 0) news.append(" ", again.cloneNode(true));
    });
    stream.addEventListener("over", hush);
  };
  listen();
  document.addEventListener("visibilitychange", () => (document.hidden ? hush() : listen()));
  window.addEventListener("pagehide", hush);
  let place = "";
  document.addEventListener("focusin", (event) => {
    const row = event.target.closest("[data-row][id]");
    if (row) place = row.id;
  });
  document.addEventListener("click", (event) => {
    const link = event.target.closest("a[data-new]");
    if (!link || !place) return;
    link.hash = place;
    if (link.pathname + link.search !== window.location.pathname + window.location.search) return;
    event.preventDefault(); // another hash alone would load nothing
    window.location.hash = place;
    window.location.reload();
  });
  const back = window.location.hash && document.getElementById(window.location.hash.slice(1));
  if (back && back.matches("[data-row]")) focusRow(rows().indexOf(back));

  // One press sends once: a second click on a slow morning must not ask twice.
  document.addEventListener("submit", (event) => {
    if (event.target.method === "dialog") return;
    if (event.target.dataset.sent) event.preventDefault();
    event.target.dataset.sent = "1";
    // A form that is answered by a file leaves its page standing, where it is wanted again: with names, or next month.
    if (event.target.hasAttribute("data-file")) setTimeout(() => delete event.target.dataset.sent, 1000);
  });
  // A page shown again from the browser's memory may be sent again.
  window.addEventListener("pageshow", () => {
    for (const form of document.forms) delete form.dataset.sent;
  });
})();
