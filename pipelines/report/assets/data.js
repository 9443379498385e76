// Reads chunks: values of KPIs as rows, tables as rows, names of members. No value is computed here.
"use strict";

// Bits of `flags`, as in database.py.
const MET = 1, MISSED = 2, FINAL = 4, LOW_SAMPLE = 8, SUPPRESSED = 16;

ccw.data = {};

ccw.data.rowsOf = new Map();

// All rows of a KPI at a level: {grain: [row, …]}, in the order of members and periods. Weeks of agents are a chunk apart.
ccw.data.kpi = async (kpi, level, grain) => {
  const key = `${kpi}/${level}${level === "agent" && grain === "week" ? "_week" : ""}`;
  if (!ccw.facts.kpis[kpi]?.levels.includes(level)) return {};
  if (!ccw.data.rowsOf.has(key)) {
    const { members, grains } = await ccw.chunk(key);
    const read = (text) => text.split(",").map((part) => (part === "" ? null : Number(part)));
    ccw.data.rowsOf.set(key, Object.fromEntries(Object.entries(grains).map(([grain, of]) => {
      const [period, member, numerator, denominator, value, low, high, target, flags] =
        ["period", "member", "numerator", "denominator", "value", "low", "high", "target", "flags"].map((name) => read(of[name]));
      const sample = of.sample.split(",");
      return [grain, period.map((start, i) => ({
        kpi, level, grain, period: start, member: members[member[i]], value: value[i],
        numerator: numerator[i], denominator: denominator[i],
        sample: sample[i] === "=" ? denominator[i] : sample[i] === "" ? null : Number(sample[i]),
        low: low[i], high: high[i], target: target[i],
        meets: flags[i] & MET ? true : flags[i] & MISSED ? false : null,
        isFinal: Boolean(flags[i] & FINAL), isLow: Boolean(flags[i] & LOW_SAMPLE), isSuppressed: Boolean(flags[i] & SUPPRESSED),
      }))];
    })));
  }
  return ccw.data.rowsOf.get(key);
};

ccw.data.inTime = (day, grain, state = ccw.state) =>
  (!state.since || ccw.lastDayOf(grain, day) >= ccw.dayOf(state.since)) && (!state.until || day <= ccw.dayOf(state.until));

// Rows of a KPI for what the reader chose: level, grain and time, with the nearest grain that there is.
ccw.data.select = async (kpi, { level, member = "", grain }) => {
  const all = await ccw.data.kpi(kpi, level, level === "agent" && grain === "day" ? "week" : grain);
  const used = [grain, "week", "month"].find((one) => all[one]) ?? grain;
  const rows = (all[used] ?? []).filter((row) => (!member || row.member === member) && ccw.data.inTime(row.period, used));
  return { grain: used, rows };
};

// The member that KPIs are shown of: the chosen one where the KPI has its level, else the whole organization.
ccw.data.scope = (kpi) => {
  const { level, member } = ccw.state;
  const levels = ccw.facts.kpis[kpi].levels;
  if (level !== "organization" && member && levels.includes(level)) return { level, member };
  return { level: levels.includes("organization") ? "organization" : levels[0], member: "" };
};

// The KPI that the catalogue names in its stead where channels are mixed: where it is reported at what the reader chose (KPI-16).
ccw.data.headline = (kpi) => {
  const { levels, headline } = ccw.facts.kpis[kpi];
  const level = levels.includes(ccw.state.level) ? ccw.state.level : "organization";
  return ccw.facts.kpis[headline]?.levels.includes(level) ? headline : kpi;
};
ccw.data.headlines = (section) => {
  if (!section.headline) return section.kpis;
  const of = ccw.facts.kpis;
  const { level, member } = ccw.state;
  // A queue has one channel: there the KPI says it all, and those of one kind of channel are not reported.
  const isWhole = (kpi, one) => of[one].family === of[kpi].family && of[one].headline !== one && of[one].levels.includes(level);
  const kept = section.kpis.filter((kpi) => !member || of[kpi].levels.includes(level) || !section.kpis.some((one) => isWhole(kpi, one)));
  return [...new Set(kept.map(ccw.data.headline))];
};

// The control limits of a member's days, or weeks: {period: {expected, lower, upper, isOutside}}.
ccw.data.limits = async (kpi, { level, member }) => {
  if (!ccw.facts.kpis[kpi].charted.includes(level)) return new Map();
  const { members, ...columns } = await ccw.chunk(`${kpi}/${level}_limits`);
  const wanted = String(members.indexOf(member || "all"));
  const [of, period, expected, lower, upper, outside] = ["member", "period", "expected", "lower", "upper", "outside"].map((name) => columns[name].split(","));
  const read = (text) => (text === "" ? null : Number(text));
  const found = new Map();
  for (let i = 0; i < of.length; i += 1) {
    if (of[i] === wanted) {
      found.set(Number(period[i]), { expected: read(expected[i]), lower: read(lower[i]), upper: read(upper[i]), isOutside: outside[i] !== "" });
    }
  }
  return found;
};

// What control charts say of the last days of a level's members: rows of {kpi, member, days, is_above}.
ccw.data.variation = async (level) => {
  if (ccw.facts.charted_levels[level] !== "day") return null;
  const columns = await ccw.chunk(`variation/${level}`);
  return new Map(columns.kpi.map((kpi, i) => [`${kpi}/${columns.member[i]}`, { days: columns.days[i], isAbove: columns.is_above[i] }]));
};

// The newest period that has ended, else the newest one (REP-3).
ccw.data.newest = (rows) => {
  const ended = rows.filter((row) => ccw.lastDayOf(row.grain, row.period) < ccw.asOfDay());
  return (ended.length ? ended : rows).reduce((best, row) => (!best || row.period >= best.period ? row : best), null);
};

// A table as rows; by the reader's time and member, where it has the columns. `isWhole` says that it has not.
ccw.data.table = async (name, grain = "day") => {
  const columns = await ccw.chunk(`tables/${name}`);
  const names = Object.keys(columns);
  const length = names.length ? columns[names[0]].length : 0;
  const all = Array.from({ length }, (_, i) => Object.fromEntries(names.map((column) => [column, columns[column][i]])));
  const { level, member } = ccw.state;
  const column = member ? ccw.facts.levels[level] : null;
  const isWhole = Boolean(column && !names.includes(column));
  const rows = all.filter((row) => (!column || isWhole || (row[column] ?? "unknown") === member)
    && (!row.day || ccw.data.inTime(ccw.dayOf(row.day), grain)));
  return { rows, isWhole, isEmpty: length === 0 };
};

ccw.data.names = async () => { ccw.members = ccw.members ?? await ccw.chunk("members"); };

ccw.memberName = (level, member) => {
  if (level === "organization") return ccw.t("level_organization");
  if (member === null || member === "unknown") return ccw.t("unknown");
  if (member === "uncoded") return ccw.t("uncoded");
  return ccw.members[level]?.[member] ?? member;
};

ccw.byName = (level) => {
  const collator = ccw.format("Collator", { numeric: true });
  return (a, b) => collator.compare(ccw.memberName(level, a), ccw.memberName(level, b));
};

// Sums of a column by a key.
ccw.sumBy = (rows, key, column) => {
  const sums = new Map();
  for (const row of rows) sums.set(key(row), (sums.get(key(row)) ?? 0) + (row[column] ?? 0));
  return sums;
};
ccw.sum = (rows, column) => rows.reduce((total, row) => total + (row[column] ?? 0), 0);
