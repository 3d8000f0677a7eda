// Give each time in the reader's own time zone as well, and mark what is new since the last visit, whose time is kept
// in this browser only.
(() => {
  "use strict";
  for (const time of document.querySelectorAll("time[datetime*='T']")) {
    time.title = `${new Date(time.dateTime).toLocaleString()} (your time)`;
  }
  const KEY = "statewire-visit";
  const PAUSE_MS = 30 * 60 * 1000; // a visit ends when no page was loaded for so long
  let store;
  try {
    store = window.localStorage;
    store.getItem(KEY);
  } catch {
    return; // the browser keeps nothing for this site
  }
  const items = [...document.querySelectorAll("[data-seen]")];
  const newest = items.reduce((latest, item) => (item.dataset.seen > latest ? item.dataset.seen : latest), "");
  let visit = null;
  try {
    visit = JSON.parse(store.getItem(KEY));
  } catch {
    visit = null; // written by something else
  }
  const now = Date.now();
  if (!visit || typeof visit.seen !== "string" || typeof visit.newest !== "string" || !Number.isFinite(visit.at)) {
    visit = { seen: newest, newest, at: now };
  } else if (now - visit.at > PAUSE_MS) {
    visit = { seen: visit.newest, newest: visit.newest, at: now };
  }
  visit.at = now;
  if (newest > visit.newest) visit.newest = newest;
  try {
    store.setItem(KEY, JSON.stringify(visit));
  } catch {
    // there is no room: the next visit is marked like this one
  }
  const fresh = items.filter((item) => item.dataset.seen > visit.seen);
  for (const item of fresh) {
    item.classList.add("fresh");
    const note = document.createElement("p");
    note.className = "since";
    note.textContent = "New since your last visit";
    item.lastElementChild.append(note);
  }
  const line = document.getElementById("visit");
  if (line && fresh.length) {
    line.textContent = `${fresh.length} new since your last visit`;
    line.hidden = false;
  }
})();
