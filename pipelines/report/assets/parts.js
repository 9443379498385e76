// Parts of a page: figures with their sentence and table, tables with their CSV, marks, tiles, and the details of a value.
"use strict";

ccw.parts = {};
const ROWS_SHOWN = 200;

// Rows whose cells are written when they are shown or saved: many members have more of them than anybody opens.
ccw.parts.lazy = (list, cells) => ({
  length: list.length,
  slice: (from, to) => list.slice(from, to).map(cells),
  * [Symbol.iterator]() { for (const one of list) yield cells(one); },
});

// A table. columns: [{name, number}]; rows: arrays of cells, each a text or {text, raw, open}: `open` shows details.
ccw.parts.table = ({ columns, rows, caption, limit = ROWS_SHOWN }) => {
  const { h, t } = ccw;
  const cell = (content, i) => {
    const { text = "–", open } = content !== null && typeof content === "object" ? content : { text: content ?? "–" };
    const inside = open ? h("button", { type: "button", class: "value-button", click: () => ccw.parts.details(open) }, text) : text;
    const link = content !== null && typeof content === "object" && content.href;
    return h(i === 0 ? "th" : "td", { scope: i === 0 ? "row" : null, class: columns[i].number ? "number" : content?.isComment ? "comment" : null },
      link ? h("a", { href: link }, text) : content?.isComment ? h("bdi", {}, text) : inside);
  };
  const shown = rows.slice(0, limit);
  return h("div", { class: "table-frame", tabindex: "0", role: "group", "aria-label": caption },
    h("table", {}, h("caption", { class: "hidden" }, caption),
      h("thead", {}, h("tr", {}, columns.map((column) => h("th", { scope: "col", class: column.number ? "number" : null }, column.name)))),
      h("tbody", {}, shown.map((row) => h("tr", {}, row.map(cell))))),
    rows.length > shown.length ? h("p", { class: "quiet" }, t("only_first_rows", { shown: shown.length, n: rows.length })) : null);
};

ccw.parts.csvButton = (name, columns, rows) => {
  const quote = (value) => {
    const content = value !== null && typeof value === "object" ? value.raw ?? value.text : value;
    // A name that begins like a formula is no formula for a spreadsheet either.
    const text = typeof content === "string" && /^[=+\-@\t\r]/.test(content) ? `'${content}` : String(content ?? "");
    return /[",\r\n]/.test(text) ? `"${text.replace(/"/g, '""')}"` : text;
  };
  const save = () => {
    const lines = [columns.map((column) => column.name), ...rows].map((row) => row.map(quote).join(","));
    const url = URL.createObjectURL(new Blob(["\ufeff", lines.join("\r\n"), "\r\n"], { type: "text/csv" }));
    const link = ccw.h("a", { href: url, download: `${name}.csv` });
    link.click();
    setTimeout(() => URL.revokeObjectURL(url), 1000);
  };
  return ccw.h("button", { type: "button", class: "quiet-button", click: save }, ccw.t("download_csv"));
};

// A figure: what it shows in a sentence, the chart, and the table behind it.
ccw.parts.figure = (body, view, title, name) => {
  const { h, t } = ccw;
  const parts = [];
  if (view.before) parts.push(view.before);
  if (view.note) parts.push(h("p", { class: "note" }, view.note));
  if (view.empty) parts.push(h("p", { class: "empty" }, view.empty));
  if (view.sentence) parts.push(h("p", { class: "sentence" }, view.sentence));
  const canvas = view.chart ? h("div", { class: `chart ${view.size ?? ""}`, dir: "ltr", role: "img", "aria-label": `${title}. ${view.sentence ?? ""}` }) : null;
  if (canvas && view.height) canvas.style.height = `${view.height}px`;
  if (canvas) parts.push(canvas);
  if (view.content) parts.push(view.content);
  if (view.columns && view.rows.length) {
    const table = { columns: view.columns, rows: view.rows, caption: title, limit: view.limit };
    const csv = h("div", { class: "actions" }, h("span", { class: "quiet" }, t("rows_shown", { n: view.rows.length })),
      ccw.parts.csvButton(name, view.columns, view.rows));
    if (view.chart || view.content) {
      const details = h("details", { class: "behind" }, h("summary", {}, t("table_behind")));
      details.addEventListener("toggle", () => { if (details.open && details.children.length === 1) details.append(ccw.parts.table(table), csv); });
      parts.push(details);
    } else parts.push(ccw.parts.table(table), csv);
  }
  body.replaceChildren(...parts);
  body.setAttribute("aria-busy", "false");
  if (canvas) ccw.charts.draw(canvas, view.chart);
};

// The columns that all rows of KPIs have, and their cells.
ccw.parts.kpiColumns = () => ["period", "name", "value", "interval", "target", "numerator", "denominator", "state"]
  .map((key, i) => ({ name: ccw.t(key), number: i > 1 && i < 7 }));

ccw.parts.kpiCells = (row) => [
  { text: ccw.period(row.grain, row.period), raw: ccw.isoOf(row.period) },
  { text: ccw.memberName(row.level, row.member), raw: row.level === "organization" ? "all" : row.member },
  { text: ccw.kpiValue(row.kpi, row.value), raw: row.value, open: row },
  { text: ccw.parts.interval(row), raw: row.low === null ? "" : `${row.low} ${row.high}` },
  { text: ccw.kpiValue(row.kpi, row.target), raw: row.target },
  { text: ccw.number(row.numerator, 3), raw: row.numerator },
  { text: ccw.number(row.denominator, 3), raw: row.denominator },
  ccw.parts.stateOf(row),
];

ccw.parts.interval = (row) => (row.low === null || row.low === undefined ? "–"
  : ccw.range(row.kpi, row.low, row.high));

ccw.parts.stateOf = (row) => [row.isSuppressed ? ccw.t("suppressed") : null, ccw.t(row.isFinal ? "final" : "not_final"),
  row.isLow && !row.isSuppressed ? ccw.t("low_sample") : null].filter(Boolean).join(", ");

// The two marks, which are never mixed (REP-4). A mark is a sign and a word; its colour only repeats them.
const SIGNS = { better: "▲", worse: "▼", high: "▲", low: "▼", none: "≈", yes: "✓", no: "✗", chance: "?", unknown: "–" };

ccw.parts.mark = (kind, verdict, title) => ccw.h("span", { class: `mark ${kind} ${verdict}`, title },
  ccw.h("span", { class: "sign", "aria-hidden": "true" }, SIGNS[verdict]), ccw.t(`${kind}_${verdict}`));

// Variation: the newest day outside the control chart's limits, of the last 7 that it judges; none of a level without charts.
ccw.parts.variation = (kpi, member, charts) => {
  const { direction, grains } = ccw.facts.kpis[kpi];
  if (!charts || !grains.includes("day")) return null;
  const found = charts.get(`${kpi}/${member}`);
  if (!found) return { verdict: "unknown", n: 0 };
  if (!found.days) return { verdict: "none", n: 0 };
  const verdict = direction === "none" ? (found.isAbove ? "high" : "low") : (direction === "higher") === found.isAbove ? "better" : "worse";
  return { verdict, n: found.days };
};

// Assurance: how many of the last 8 periods that can be judged met the target.
ccw.parts.assurance = (rows) => {
  const judged = rows.filter((row) => row.isFinal && row.meets !== null).slice(-8);
  const met = judged.filter((row) => row.meets).length;
  if (judged.length < 4) return { verdict: "unknown", n: judged.length, met };
  return { verdict: met === judged.length ? "yes" : met === 0 ? "no" : "chance", n: judged.length, met };
};

// A line without axes: what is not final is a dashed end.
ccw.parts.sparkline = (rows) => {
  const { h } = ccw;
  const points = rows.filter((row) => row.value !== null);
  if (points.length < 2) return h("div", { class: "spark" });
  const values = points.map((row) => row.value).concat(points[0].target === null ? [] : [points[0].target]);
  const low = Math.min(...values), high = Math.max(...values);
  const x = (i) => 3 + (i * 154) / (points.length - 1);
  const y = (value) => 34 - ((value - low) / (high - low || 1)) * 28;
  const path = (from, to) => points.slice(from, to).map((row, i) => `${i ? "L" : "M"}${x(from + i).toFixed(1)} ${y(row.value).toFixed(1)}`).join("");
  const firstOpen = points.findIndex((row) => !row.isFinal);
  const split = firstOpen < 0 ? points.length : firstOpen;
  const target = points.at(-1).target;
  return h("svg@svg", { class: "spark", viewBox: "0 0 160 40", "aria-hidden": "true", focusable: "false", preserveAspectRatio: "none" },
    target === null ? null : h("line@svg", { class: "spark-target", x1: 0, x2: 160, y1: y(target), y2: y(target), "vector-effect": "non-scaling-stroke" }),
    h("path@svg", { class: "spark-line", d: path(0, split), "vector-effect": "non-scaling-stroke" }),
    split < points.length ? h("path@svg", { class: "spark-line open", d: path(Math.max(0, split - 1), points.length), "vector-effect": "non-scaling-stroke" }) : null);
};

// A tile: one KPI at a glance.
ccw.parts.tile = (kpi, rows, scope, charts) => {
  const { h, t } = ccw;
  const row = ccw.data.newest(rows);
  const name = ccw.kpiName(kpi);
  const title = h("h3", {}, h("a", { href: ccw.link(`kpi/${kpi}.html`) }, name));
  if (!row) return h("article", { class: "tile" }, title, h("p", { class: "empty" }, t("empty_no_values", { kpi: name })));
  const target = row.target === null ? t("no_target")
    : `${t("target")} ${ccw.kpiValue(kpi, row.target)}${row.meets === null ? "" : ` · ${t(row.meets ? "target_met" : "target_missed")}`}`;
  const variation = ccw.parts.variation(kpi, scope.member || "all", charts);
  const assurance = ccw.parts.assurance(rows);
  return h("article", { class: "tile" }, title,
    h("p", { class: "when" }, ccw.period(row.grain, row.period),
      h("span", { class: "badge" }, row.isSuppressed ? t("suppressed") : t(row.isFinal ? "final" : "not_final")),
      row.isLow && !row.isSuppressed ? h("span", { class: "badge" }, t("low_sample")) : null),
    h("p", { class: "number-line" },
      h("button", { type: "button", class: "big", "aria-label": `${t("details", { kpi: name })}: ${ccw.kpiValue(kpi, row.value)}`, click: () => ccw.parts.details(row) },
        ccw.kpiValue(kpi, row.value))),
    h("p", { class: "quiet" }, row.low === null ? "\u00a0" : `${t("interval")}: ${ccw.parts.interval(row)}`),
    h("p", { class: "target-line" }, target),
    ccw.parts.sparkline(rows),
    h("p", { class: "marks" },
      !variation ? null : ccw.parts.mark("variation", variation.verdict, t("variation_says", { n: variation.n })),
      row.target === null ? null : ccw.parts.mark("assurance", assurance.verdict, t("assurance_says", { n: assurance.n, met: assurance.met }))));
};

// The details of a value: its parts, interval and definition.
ccw.parts.details = (row) => {
  const { h, t } = ccw;
  const dialog = document.getElementById("details");
  const text = ccw.kpiText(row.kpi);
  const unit = (value) => ccw.kpiValue(row.kpi, value);
  const fact = (name, ...values) => h("div", {}, h("dt", {}, name), h("dd", {}, ...values));
  dialog.replaceChildren(
    h("h2", { id: "details-title" }, text.name),
    h("p", {}, text.description),
    h("dl", { class: "facts" },
      row.level === "organization" ? null : fact(t(`level_${row.level}`), ccw.memberName(row.level, row.member)),
      fact(t("period"), ccw.period(row.grain, row.period)),
      fact(t("value"), h("strong", {}, unit(row.value))),
      fact(t("interval"), row.low === null ? (ccw.facts.kpis[row.kpi].interval ? "–" : t("no_interval")) : ccw.parts.interval(row)),
      fact(t("numerator"), h("strong", {}, ccw.number(row.numerator, 3)), h("br"), text.numerator),
      text.denominator ? fact(t("denominator"), h("strong", {}, ccw.number(row.denominator, 3)), h("br"), text.denominator) : null,
      fact(t("sample"), ccw.number(row.sample, 0)),
      fact(t("target"), row.target === null ? t("no_target") : `${unit(row.target)}${row.meets === null ? "" : ` · ${t(row.meets ? "target_met" : "target_missed")}`}`),
      fact(t("state"), ccw.parts.stateOf(row))),
    h("p", { class: "actions" }, h("a", { href: ccw.link(`kpi/${row.kpi}.html`) }, t("open_kpi", { kpi: text.name })),
      h("button", { type: "button", click: () => dialog.close() }, t("close"))));
  dialog.showModal();
};
