// Words, numbers and dates in the reader's language. Words come from data/text/<language>.js, formats from Intl.
"use strict";

ccw.useLanguage = async (wanted) => {
  const code = Object.keys(ccw.facts.languages).includes(wanted) ? wanted : ccw.config.language;
  ccw.words = await ccw.chunk(`text/${code}`);
  ccw.code = code;
  ccw.locale = ccw.facts.languages[code].locale;
  ccw.isRtl = ccw.words.language.direction === "rtl";
  ccw.plurals = new Intl.PluralRules(ccw.locale);
  document.documentElement.lang = code;
  document.documentElement.dir = ccw.words.language.direction;
};

// A text with its names filled in; `n` chooses the plural form and is written as a number.
ccw.t = (key, values = {}) => {
  let text = ccw.words.text[key] ?? key;
  if (typeof text === "object") text = text[ccw.plurals.select(values.n)] ?? text.other;
  return text.replace(/\{(\w+)\}/g, (whole, name) => {
    const value = values[name];
    if (value === undefined) return whole;
    // What is filled in keeps its own direction.
    const filled = typeof value === "number" ? ccw.number(value) : value;
    return ccw.isRtl ? `\u2068${filled}\u2069` : filled;
  });
};

ccw.kpiText = (kpi) => ccw.words.kpis[kpi] ?? { name: kpi, description: "", numerator: "", denominator: "", example: "" };
ccw.kpiName = (kpi) => ccw.kpiText(kpi).name;

ccw.formats = new Map();
ccw.format = (kind, options) => {
  const key = `${ccw.locale} ${kind} ${JSON.stringify(options)}`;
  if (!ccw.formats.has(key)) ccw.formats.set(key, new Intl[kind](ccw.locale, options));
  return ccw.formats.get(key);
};

ccw.number = (value, digits = 0) => (value === null || value === undefined ? "–"
  : ccw.format("NumberFormat", { maximumFractionDigits: digits }).format(value));
ccw.percent = (value, digits = 1) => (value === null || value === undefined ? "–"
  : ccw.format("NumberFormat", { style: "percent", minimumFractionDigits: digits, maximumFractionDigits: digits }).format(value));

// A duration in the unit that a reader thinks in: seconds up to two minutes, minutes up to two hours, hours, days.
ccw.seconds = (value) => {
  if (value === null || value === undefined) return "–";
  const [unit, size] = [["day", 86400], ["hour", 3600], ["minute", 60], ["second", 1]]
    .find(([, length]) => Math.abs(value) >= 2 * length) ?? ["second", 1];
  return ccw.format("NumberFormat", {
    style: "unit", unit, unitDisplay: "short", maximumFractionDigits: value / size < 100 && !Number.isInteger(value / size) ? 1 : 0,
  }).format(value / size);
};

ccw.valueOf = (unit, value) => {
  if (value === null || value === undefined) return "–";
  switch (unit) {
    case "share": return ccw.percent(value);
    case "seconds": return ccw.seconds(value);
    case "money": return ccw.format("NumberFormat", { style: "currency", currency: ccw.facts.currency }).format(value);
    case "points": return ccw.number(value, 1);
    case "score": case "ratio": return ccw.number(value, 2);
    default: return ccw.number(value, 0);
  }
};
// On an axis a share has no decimals unless it needs one, and minutes are written 5:30.
ccw.axisValue = (unit, value) => (unit === "share" ? ccw.format("NumberFormat", { style: "percent", maximumFractionDigits: 1 }).format(value)
  : unit === "money" ? ccw.format("NumberFormat", { style: "currency", currency: ccw.facts.currency, maximumFractionDigits: 2, minimumFractionDigits: 0 }).format(value)
    : unit === "seconds" && value >= 60 && value < 7200 ? `${Math.floor(value / 60)}:${String(Math.round(value % 60)).padStart(2, "0")}`
      : ccw.valueOf(unit, value));
ccw.kpiAxis = (kpi) => {
  const { unit } = ccw.facts.kpis[kpi];
  return Object.assign((value) => ccw.axisValue(unit, value), { isTime: unit === "seconds" });
};
ccw.kpiValue = (kpi, value) => ccw.valueOf(ccw.facts.kpis[kpi]?.unit, value);

// A range of plain numbers stays in the order of numbers where text runs from right to left.
ccw.range = (kpi, low, high) => {
  const [from, to] = [low, high].map((value) => ccw.kpiValue(kpi, value));
  return ccw.isRtl && ccw.facts.kpis[kpi]?.unit !== "seconds" ? `\u2066\u2068${from}\u2069 – \u2068${to}\u2069\u2069` : `${from} – ${to}`;
};

// Days are numbers of days since 1970, as in the chunks.
ccw.dayOf = (iso) => Math.round(Date.parse(`${iso.slice(0, 10)}T00:00:00Z`) / 86400000);
ccw.isoOf = (day) => new Date(day * 86400000).toISOString().slice(0, 10);
ccw.asOfDay = () => ccw.dayOf(ccw.facts.as_of);

ccw.lastDayOf = (grain, day) => {
  if (grain === "day") return day;
  if (grain === "week") return day + 6;
  const start = new Date(day * 86400000);
  return Date.UTC(start.getUTCFullYear(), start.getUTCMonth() + 1, 0) / 86400000;
};

ccw.period = (grain, day, style = "medium") => {
  const date = new Date(day * 86400000);
  const short = style === "short";
  if (grain === "month") {
    return ccw.format("DateTimeFormat", { month: short ? "short" : "long", year: "numeric", timeZone: "UTC" }).format(date);
  }
  const days = ccw.format("DateTimeFormat", short ? { day: "numeric", month: "short", timeZone: "UTC" }
    : { day: "numeric", month: "short", year: "numeric", timeZone: "UTC" });
  if (grain === "day" || (grain === "week" && short)) return days.format(date);
  if (grain === "week") return days.formatRange(date, new Date(ccw.lastDayOf("week", day) * 86400000));
  const months = ccw.format("DateTimeFormat", { month: "short", year: "numeric", timeZone: "UTC" });
  const first = new Date(Date.UTC(date.getUTCFullYear(), date.getUTCMonth() - (grain === "rolling_6_months" ? 5 : 2), 1));
  return short ? months.format(date) : months.formatRange(first, date);
};

ccw.moment = (iso) => (iso ? `${ccw.format("DateTimeFormat", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" })
  .format(new Date(`${iso.slice(0, 19)}Z`))} UTC` : "–");
// A local time, which is of no zone that the page would have to name.
ccw.localMoment = (iso) => ccw.format("DateTimeFormat", { dateStyle: "medium", timeStyle: "short", timeZone: "UTC" }).format(new Date(`${iso.slice(0, 19)}Z`));
ccw.weekday = (number, style = "long") => ccw.format("DateTimeFormat", { weekday: style, timeZone: "UTC" })
  .format(new Date(Date.UTC(2024, 0, number)));  // 1 January 2024 was a Monday
ccw.clock = (halfHour) => ccw.format("DateTimeFormat", { hour: "2-digit", minute: "2-digit", hourCycle: "h23", timeZone: "UTC" })
  .format(new Date(halfHour * 1800000));
