// Runs from the server, once a second, in; the list of channels, the posts and the pacing meter out.
// Text from outside becomes textContent, never HTML.

import { draw, firstText, wantsFullWidth } from "./cards.js";

const EVERY = 1000; // milliseconds
const asked = new URLSearchParams(location.search);
const counts = new Map(); // channel → { posted, failed }
let channel = asked.get("channel");
let seen = 0; // the number of the last run that was shown or counted
let lastDay = "";

const byId = (id) => document.getElementById(id);
const stamp = (id) => byId(`${id}-template`).content.firstElementChild.cloneNode(true);
const plural = (number, one) => `${number} ${one}${number === 1 ? "" : "s"}`;

// ------------------------------------------------------------------------------------------------------------ theme

const systemDark = matchMedia("(prefers-color-scheme: dark)");

function showTheme() {
  const theme = asked.get("theme") ?? (systemDark.matches ? "dark" : "light");
  document.documentElement.dataset.theme = theme;
  byId("theme").setAttribute("aria-pressed", String(theme === "dark"));
}

byId("theme").addEventListener("click", () => {
  asked.set("theme", document.documentElement.dataset.theme === "dark" ? "light" : "dark");
  history.replaceState(null, "", `?${asked}`);
  showTheme();
});
systemDark.addEventListener("change", showTheme);
showTheme();

// ------------------------------------------------------------------------------------------------------------- posts

function cardOf(run) {
  try {
    return draw(run.card);
  } catch {
    return Object.assign(document.createElement("p"), { className: "unreadable", textContent: "This card cannot be shown." });
  }
}

function posted(run) {
  const item = stamp("post");
  const card = item.querySelector(".card");
  card.classList.toggle("full", wantsFullWidth(run.card));
  card.append(cardOf(run));
  return item;
}

function failed(run) {
  const item = stamp("failure");
  item.querySelector("del").textContent = firstText(run.card);
  item.querySelector(".error").textContent = run.error;
  return item;
}

function dated(item, run) {
  const at = new Date(run.received_at);
  const time = item.querySelector("time");
  time.dateTime = run.received_at;
  time.textContent = at.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit" });
  time.title = at.toLocaleString("en-GB");
  const title = item.querySelector("h3");
  title.id = `run-${run.number}`;
  item.querySelector("article").setAttribute("aria-labelledby", title.id);
  return item;
}

function dayOf(run) {
  const options = { weekday: "long", day: "numeric", month: "long" };
  return new Date(run.received_at).toLocaleDateString("en-GB", options);
}

function show(run) {
  const day = dayOf(run);
  if (day !== lastDay) {
    const item = stamp("day");
    item.querySelector("h2").textContent = lastDay = day;
    byId("feed").append(item);
  }
  byId("feed").append(dated(run.error ? failed(run) : posted(run), run));
}

function add(runs) {
  for (const run of runs) {
    seen = run.number;
    counts.get(run.channel)[run.error ? "failed" : "posted"] += 1;
    if (run.channel === channel) show(run);
  }
}

/** Whether the newest post is in view; whoever scrolled back to read is left alone. */
function atEnd() {
  const { scrollHeight, scrollTop, clientHeight } = byId("posts");
  return scrollHeight - scrollTop - clientHeight < 80;
}

// ---------------------------------------------------------------------------------------------- channels and pacing

function link({ name }) {
  const item = stamp("channel");
  const anchor = item.querySelector("a");
  const target = new URLSearchParams(asked);
  target.set("channel", name);
  anchor.href = `?${target}`;
  if (name === channel) anchor.setAttribute("aria-current", "page");
  anchor.querySelector(".name").textContent = name;
  const { posted, failed } = counts.get(name);
  const count = anchor.querySelector(".count");
  count.textContent = posted + failed || "";
  count.setAttribute("aria-label", `${plural(posted, "post")}, ${failed} failed`);
  count.classList.toggle("bad", failed > 0);
  return item;
}

function pace({ name, used }, limit) {
  const item = stamp("pacing");
  item.querySelector(".name").textContent = name;
  const meter = item.querySelector("meter");
  Object.assign(meter, { max: limit.count, low: limit.count * 0.8, high: limit.count - 1, optimum: 0, value: used });
  item.querySelector(".figure").textContent = `${used} of ${limit.count} in ${limit.seconds / 60} min`;
  return item;
}

function replace(id, items) {
  const list = byId(id);
  const fresh = document.createElement("ul");
  fresh.append(...items);
  if (fresh.innerHTML !== list.innerHTML) list.replaceChildren(...fresh.children); // keep the focus while nothing changes
}

function summarise() {
  const { posted, failed } = counts.get(channel);
  byId("channel").textContent = channel;
  byId("counts").textContent = plural(posted, "post") + (failed ? `, ${plural(failed, "failed run")}` : "");
  byId("empty").hidden = posted + failed > 0;
  document.title = `${channel} · Teams channel`;
}

// -------------------------------------------------------------------------------------------------------------- loop

async function look() {
  const answer = await fetch(`/runs.json?after=${seen}`);
  const { channels, connections, limit, runs } = await answer.json();
  for (const { name } of channels) if (!counts.has(name)) counts.set(name, { posted: 0, failed: 0 });
  if (!counts.has(channel)) channel = channels[0].name;
  const follow = runs.length > 0 && atEnd();
  add(runs);
  replace("channels", channels.map(link));
  replace("pacing", limit ? connections.map((each) => pace(each, limit)) : []);
  summarise();
  if (follow) byId("posts").scrollTop = byId("posts").scrollHeight;
}

async function watch() {
  try {
    await look();
    document.documentElement.dataset.ready = "yes";
    document.documentElement.classList.remove("offline");
  } catch {
    document.documentElement.classList.add("offline");
  }
  setTimeout(watch, EVERY);
}

watch();
