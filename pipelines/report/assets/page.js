// The page: words in the chosen language, filters, sections, and what happens when the state changes.
"use strict";

const $ = (id) => document.getElementById(id);

// Words that stand in the frame.
const speakFrame = () => {
  const { t } = ccw;
  for (const element of document.querySelectorAll("[data-text]")) element.textContent = t(element.dataset.text);
  for (const element of document.querySelectorAll("[data-label]")) element.setAttribute("aria-label", t(element.dataset.label));
  if (ccw.config.kpi) {
    const text = ccw.kpiText(ccw.config.kpi);
    for (const element of document.querySelectorAll("[data-kpi]")) element.textContent = text[element.dataset.kpi] ?? "";
    const { horizon } = ccw.facts.kpis[ccw.config.kpi];
    $("final-after").textContent = horizon === 0 ? t("at_once") : horizon <= 168 ? t("hours", { n: horizon }) : t("days", { n: horizon / 24 });
    // Code stands between backticks.
    for (const element of document.querySelectorAll("[data-example]")) {
      element.replaceChildren(...text.example.split("`").map((part, i) => (i % 2 ? ccw.h("code", {}, part) : part)));
    }
    for (const note of document.querySelectorAll(".english")) note.hidden = ccw.code === "en";
  }
  const heading = document.querySelector("h1").textContent;
  document.title = `${heading} · ${t("title")}`;
  $("as-of").textContent = t("as_of", { time: ccw.moment(ccw.facts.as_of) });
  $("built").textContent = t("built_from", { run: ccw.facts.run, code: ccw.facts.code });
  $("language").value = ccw.code;
  $("theme").value = ccw.state.theme;
  // A link keeps what the reader chose.
  for (const link of document.querySelectorAll("nav a, a.brand")) link.setAttribute("href", link.getAttribute("href").split("#")[0] + ccw.hash({ ...ccw.state, by: "", kpi: "" }));
};

const showFilters = () => {
  const { h, t, state } = ccw;
  const levels = Object.keys(ccw.facts.levels);
  const choose = (key, ...options) => h("label", {}, h("span", {}, t(key)), h("select", { id: `filter-${key}`, change: (event) => {
    ccw.change(key === "level" ? { level: event.target.value, member: "" } : { [key]: event.target.value });
    $(`filter-${key}`)?.focus();
  } }, options));
  const option = (value, text, chosen) => h("option", { value, selected: value === chosen }, text);
  const date = (key) => h("label", {}, h("span", {}, t(key)), h("input", { type: "date", id: `filter-${key}`, value: state[key], change: (event) => ccw.change({ [key]: event.target.value }) }));
  const members = state.level === "organization" ? [] : Object.keys(ccw.members[state.level] ?? {}).sort(ccw.byName(state.level));
  $("filters").hidden = ccw.config.sections.every((section) => ["kpis", "landed", "gaps"].includes(section.kind));
  $("filters").replaceChildren(
    choose("grain", GRAINS.map((grain) => option(grain, t(`grain_${grain}`), state.grain))),
    choose("level", levels.map((level) => option(level, t(`level_${level}`), state.level))),
    ...(members.length ? [choose("member", option("", t("all_members"), state.member), members.map((member) => option(member, ccw.memberName(state.level, member), state.member)))] : []),
    date("since"), date("until"),
    h("button", { type: "button", class: "quiet-button", click: () => ccw.change({ ...ccw.defaults, lang: state.lang, theme: state.theme }) }, t("reset")));
};

// Sections are drawn one after the other; a newer state ends the drawing of an older one.
let drawing = 0;
const draw = async () => {
  const mine = ++drawing;
  for (const [i, section] of ccw.config.sections.entries()) {
    const body = document.querySelector(`#section-${i} .body`);
    const title = $(`title-${i}`).textContent;
    let view;
    try {
      view = await ccw.views[section.kind](section);
    } catch (error) {
      if (!/\.js$/.test(error.message)) throw error;
      view = { empty: ccw.t("failed_to_load", { file: error.message }), rows: [] };
    }
    if (mine !== drawing) return;
    ccw.parts.figure(body, view, title, [ccw.config.kpi ?? ccw.config.page, section.title].join("-"));
    if (body.getBoundingClientRect().bottom >= window.innerHeight) performance.mark("window-filled");
  }
  document.documentElement.dataset.ready = String(mine);
};

// An address that somebody wrote by hand may say anything: what is not known has its default.
const GRAINS = ["day", "week", "month", "rolling_3_months", "rolling_6_months"];
const known = (state) => {
  const levels = Object.keys(ccw.facts.levels);
  const legal = {
    grain: (value) => GRAINS.includes(value), level: (value) => levels.includes(value), by: (value) => levels.includes(value),
    kpi: (value) => Object.hasOwn(ccw.facts.kpis, value),
    since: (value) => !Number.isNaN(Date.parse(value)), until: (value) => !Number.isNaN(Date.parse(value)), theme: (value) => ["light", "dark"].includes(value),
  };
  return Object.fromEntries(Object.entries(state).map(([key, value]) => [key, !legal[key] || legal[key](value) ? value : ccw.defaults[key]]));
};

const show = async () => {
  ccw.state = known(ccw.readState());
  document.documentElement.dataset.theme = ccw.state.theme;
  await Promise.all([ccw.useLanguage(ccw.state.lang), ccw.data.names()]);
  speakFrame();
  showFilters();
  ccw.charts.redraw();
  await draw();
};

window.addEventListener("hashchange", show);
$("language").addEventListener("change", (event) => ccw.change({ lang: event.target.value === ccw.config.language ? "" : event.target.value }));
$("theme").addEventListener("change", (event) => ccw.change({ theme: event.target.value }));
// The address keeps the state, so this link does not go by it.
document.querySelector(".skip").addEventListener("click", (event) => { event.preventDefault(); $("content").focus(); });
$("print").addEventListener("click", () => window.print());
$("filters").addEventListener("submit", (event) => event.preventDefault());
matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => ccw.charts.redraw());

// On narrow screens the menu begins closed.
if (matchMedia("(max-width: 60rem)").matches) document.querySelector(".menu").open = false;

// Charts follow the width of the page; on paper they are drawn in light colours and the paper's width.
let resizing;
window.addEventListener("resize", () => { clearTimeout(resizing); resizing = setTimeout(ccw.charts.redraw, 120); });
window.addEventListener("beforeprint", () => { document.documentElement.dataset.theme = "light"; document.documentElement.classList.add("printing"); ccw.charts.toPaper(); });
window.addEventListener("afterprint", () => { document.documentElement.dataset.theme = ccw.state.theme; document.documentElement.classList.remove("printing"); ccw.charts.fromPaper(); });

show();
