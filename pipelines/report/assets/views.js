// Views of KPIs. A view takes its section and gives what `ccw.parts.figure` shows: a sentence, a chart, the rows behind it,
// or why it is empty.
"use strict";

// Why a section has nothing to show.
ccw.whyEmpty = (section, kpi) => {
  if (section.extract && !ccw.facts.landed.includes(section.extract)) {
    return ccw.t("empty_no_extract", { extract: ccw.t(`extract_${section.extract}`) });
  }
  return kpi ? ccw.t("empty_no_values", { kpi: ccw.kpiName(kpi) }) : ccw.t("empty_no_rows");
};

// Notes on what could not be shown as it was chosen.
ccw.notes = (kpi, scope, shownGrain, wantedGrain) => {
  const { level, member } = ccw.state;
  const notes = [];
  if (level !== "organization" && member && scope.level !== level) {
    notes.push(ccw.t("empty_not_reported", { kpi: ccw.kpiName(kpi), level: ccw.t(`level_${level}`) }));
  }
  if (shownGrain !== wantedGrain) {
    notes.push(ccw.t("empty_not_at_grain", { kpi: ccw.kpiName(kpi), grain: ccw.t(`grain_${wantedGrain}`), shown: ccw.t(`grain_${shownGrain}`) }));
  }
  return [...new Set(notes)].join(" ");
};

const changeOf = (rows, row) => {
  const before = rows.filter((one) => one.period < row.period && one.value !== null).at(-1);
  if (!before) return ccw.t("change_first");
  const [now, then] = [row.value, before.value].map((value) => ccw.kpiValue(row.kpi, value));
  return now === then ? ccw.t("change_none") : ccw.t(row.value > before.value ? "change_up" : "change_down", { before: then });
};

const trendSentence = (rows) => {
  const row = ccw.data.newest(rows);
  return ccw.t("says_trend", { kpi: ccw.kpiName(row.kpi), value: ccw.kpiValue(row.kpi, row.value),
    period: ccw.period(row.grain, row.period), change: changeOf(rows, row) });
};

// Tiles: each KPI at a glance.
ccw.views.tiles = async (section) => {
  const grain = section.grain ?? ccw.state.grain;
  const notes = new Set();
  let some = false;
  const tiles = await Promise.all(ccw.data.headlines(section).map(async (kpi) => {
    const scope = ccw.data.scope(kpi);
    if (scope.level !== "organization" && !scope.member) return null;  // a share of members: shown as a mix
    const { rows } = await ccw.data.select(kpi, { ...scope, grain });
    if (rows.length) {
      some = true;
      const note = ccw.notes(kpi, scope, scope.level, scope.level);
      if (note) notes.add(note);
    }
    return ccw.parts.tile(kpi, rows, scope, await ccw.data.variation(scope.level));
  }));
  if (!some) return { empty: ccw.whyEmpty(section, section.kpis[0]), rows: [] };
  return {
    note: [...notes].join(" "),
    content: ccw.h("div", {}, ccw.h("div", { class: "tiles" }, tiles), ccw.h("p", { class: "quiet legend" }, ccw.t("marks_explained"))),
    rows: [],
  };
};

// Lines over time: of several KPIs for one member, or of one KPI for the members of the chosen level. `scope` is the member
// to show whatever the reader chose.
ccw.views.trend = async (section) => {
  const wanted = section.grain ?? ccw.state.grain;
  const { level, member } = ccw.state;
  const kpis = ccw.data.headlines(section);
  const [first] = kpis;
  const isOne = kpis.length === 1;
  const isByMember = isOne && !section.scope && level !== "organization" && !member && ccw.facts.kpis[first].levels.includes(level);
  const picked = await Promise.all(kpis.map((kpi) => {
    const scope = section.scope ?? (isByMember ? { level, member: "" } : ccw.data.scope(kpi));
    return ccw.data.select(kpi, { ...scope, grain: wanted }).then((found) => ({ kpi, scope, ...found }));
  }));
  const shown = picked.filter((one) => one.rows.length);
  if (!shown.length) return { empty: ccw.whyEmpty(section, first), rows: [] };
  const { grain } = shown[0];
  let series = shown.filter((one) => one.grain === grain).map((one) => ({ name: ccw.kpiName(one.kpi), rows: one.rows }));
  if (isByMember || ccw.facts.kpis[first].levels.indexOf("organization") < 0) {
    // The members with the largest samples; the table behind the chart has all.
    const rows = shown[0].rows;
    const sizes = ccw.sumBy(rows, (row) => row.member, "denominator");
    const largest = [...sizes].sort((a, b) => b[1] - a[1]).slice(0, 8).map(([id]) => id).sort(ccw.byName(shown[0].scope.level));
    series = largest.map((id) => ({ name: ccw.memberName(shown[0].scope.level, id), rows: rows.filter((row) => row.member === id) }));
  }
  const targets = new Set(series.flatMap((one) => one.rows.map((row) => row.target)));
  const isChart = grain === ccw.facts.charted_levels[shown[0].scope.level] && series.length === 1;
  const limits = isChart ? await ccw.data.limits(first, shown[0].scope) : new Map();
  const marked = new Set([...limits].filter(([, { isOutside }]) => isOutside).map(([period]) => period));
  const all = shown.flatMap((one) => one.rows);
  const newestFirst = [...all].sort((a, b) => b.period - a.period);
  const judged = all.filter((row) => limits.has(row.period));
  const says = judged.length ? ccw.t(grain === "week" ? "says_limits_of_weeks" : "says_limits", { n: judged.length, outside: judged.filter((row) => marked.has(row.period)).length })
    : isChart ? ccw.t(grain === "week" ? "says_no_limits_of_weeks" : "says_no_limits") : "";
  const limitCells = (row) => {
    const of = limits.get(row.period);
    return limits.size ? [of ? { text: ccw.kpiValue(row.kpi, of.expected), raw: of.expected } : "–",
      of ? { text: ccw.range(row.kpi, of.lower, of.upper), raw: `${of.lower ?? ""} ${of.upper ?? ""}` } : "–"] : [];
  };
  const limitColumns = limits.size ? [{ name: ccw.t("expected"), number: true }, { name: ccw.t("limits"), number: true }] : [];
  return {
    note: ccw.notes(first, shown[0].scope, grain, wanted),
    sentence: `${trendSentence(series[0].rows)} ${says}`.trim(),
    chart: ccw.charts.lines({ series, grain, format: (value) => ccw.kpiValue(first, value), axisFormat: ccw.kpiAxis(first), target: targets.size === 1 ? [...targets][0] : null, marked, limits }),
    columns: isOne ? [...ccw.parts.kpiColumns(), ...limitColumns] : [{ name: ccw.t("kpi") }, ...ccw.parts.kpiColumns()],
    rows: ccw.parts.lazy(newestFirst, (row) => (isOne ? [...ccw.parts.kpiCells(row), ...limitCells(row)] : [ccw.kpiName(row.kpi), ...ccw.parts.kpiCells(row)])),
  };
};

// The control chart of one KPI: the one that the reader chose, else the first one that is out of the ordinary. A section of a
// level charts one of its members: the one that the reader chose.
ccw.views.control_chart = async (section) => {
  const level = section.level ?? null;
  const scopeOf = (kpi, member) => (level ? { level, member } : ccw.data.scope(kpi));
  const kpis = section.kpis.filter((kpi) => ccw.facts.kpis[kpi].charted.includes(scopeOf(kpi).level));
  if (level === "agent" && !(ccw.state.level === level && ccw.state.member)) return { empty: ccw.t("empty_no_agent"), rows: [] };
  if (!kpis.length) return { empty: ccw.t(level === "agent" ? "says_no_limits_of_weeks" : "says_no_limits"), rows: [] };
  const members = !level ? [null] : ccw.state.level === level && ccw.state.member ? [ccw.state.member] : Object.keys(ccw.members[level]).sort(ccw.byName(level));
  const found = (await Promise.all(members.flatMap((member) => kpis.map(async (kpi) => {
    const scope = scopeOf(kpi, member);
    const said = (await ccw.data.variation(scope.level))?.get(`${kpi}/${scope.member || "all"}`);
    return { kpi, scope, days: said?.days, isJudged: Boolean(said) };
  })))).filter(({ kpi }) => !kpis.includes(ccw.state.kpi) || kpi === ccw.state.kpi);
  const { kpi: chosen, scope } = found.find((one) => one.days) ?? found.find((one) => one.isJudged) ?? found[0];
  const choose = (name, options, change) => ccw.h("label", { class: "choice" }, `${ccw.t(name)} `, ccw.h("select", { change: (event) => change(event.target.value) }, options));
  const choices = [
    ...(level && level !== "agent" ? [choose(`level_${level}`, Object.keys(ccw.members[level]).sort(ccw.byName(level)).map((id) => ccw.h("option", { value: id, selected: id === scope.member }, ccw.memberName(level, id))),
      (member) => ccw.change({ level, member }))] : []),
    choose("kpi", kpis.map((kpi) => ccw.h("option", { value: kpi, selected: kpi === chosen }, ccw.kpiName(kpi))), (kpi) => ccw.change({ kpi })),
  ];
  return { before: ccw.h("div", { class: "choices" }, choices), ...await ccw.views.trend({ kpis: [chosen], grain: ccw.facts.charted_levels[scope.level], scope }) };
};

// Members side by side, in one period. Agents stand in the order of their names: nobody is ranked.
ccw.views.members = async (section) => {
  const [kpi] = section.kpis;
  const of = ccw.facts.kpis[kpi];
  const levels = of.levels.filter((level) => level !== "organization");
  if (!levels.length) return { empty: ccw.whyEmpty(section, kpi), rows: [] };
  // Agents come last: people are seen beside each other when a reader asks for it.
  const chosen = [ccw.state.by, ccw.state.level, section.level, "channel", "queue", "team", "reason", "client", "site"]
    .find((level) => levels.includes(level)) ?? levels[0];
  const grain = section.grain ?? ccw.state.grain;
  const { grain: shownGrain, rows: all } = await ccw.data.select(kpi, { level: chosen, grain });
  const newest = ccw.data.newest(all);
  const choice = ccw.parts.levelChoice(levels, chosen);
  if (!newest) return { before: choice, empty: ccw.whyEmpty(section, kpi), rows: [] };
  const rows = all.filter((row) => row.period === newest.period && row.value !== null);
  const isPeople = chosen === "agent";
  rows.sort((a, b) => (isPeople ? ccw.byName(chosen)(a.member, b.member) : b.value - a.value));
  const sorted = [...rows].sort((a, b) => a.value - b.value);
  const format = (value) => ccw.kpiValue(kpi, value);
  const name = (row) => ccw.memberName(chosen, row.member);
  const [low, high] = [sorted[0], sorted.at(-1)];
  const values = { kpi: ccw.kpiName(kpi), period: ccw.period(shownGrain, newest.period), low: low && format(low.value), high: high && format(high.value) };
  const bars = rows.slice(0, 40);
  const targets = new Set(bars.map((row) => row.target));
  return {
    before: choice,
    note: [ccw.notes(kpi, { level: ccw.state.level }, shownGrain, grain), bars.some((row) => row.isLow) ? ccw.t("paler_is_small") : "",
      rows.length > bars.length ? ccw.t("only_first_rows", { shown: bars.length, n: rows.length }) : ""].join(" ").trim(),
    sentence: low ? ccw.t(isPeople ? "says_members_people" : "says_members", { ...values, low_member: name(low), high_member: name(high) }) : null,
    empty: low ? null : ccw.t("suppressed"),
    chart: low && ccw.charts.bars({ rows: bars.map((row) => ({ ...row, name: name(row) })), format, axisFormat: ccw.kpiAxis(kpi), target: targets.size === 1 ? [...targets][0] : null }),
    height: 56 + 30 * bars.length,
    columns: ccw.parts.kpiColumns(),
    rows: ccw.parts.lazy(rows, ccw.parts.kpiCells),
  };
};

ccw.parts.levelChoice = (levels, chosen) => ccw.h("label", { class: "choice" }, `${ccw.t("level")} `,
  ccw.h("select", { change: (event) => ccw.change({ by: event.target.value }) },
    levels.map((level) => ccw.h("option", { value: level, selected: level === chosen }, ccw.t(`level_${level}`)))));

// Shares of members over time, which add up to one.
ccw.views.mix = async (section) => {
  const [kpi] = section.kpis;
  const { grain, rows } = await ccw.data.select(kpi, { level: section.level, grain: section.grain ?? ccw.state.grain });
  if (!rows.length) return { empty: ccw.whyEmpty(section, kpi), rows: [] };
  const periods = [...new Set(rows.map((row) => row.period))].sort((a, b) => a - b);
  const newest = ccw.data.newest(rows);
  const top = rows.filter((row) => row.period === newest.period).reduce((best, row) => (row.value > best.value ? row : best));
  const sizes = [...ccw.sumBy(rows, (row) => row.member, "numerator")].sort((a, b) => b[1] - a[1]).map(([id]) => id);
  const value = new Map(rows.map((row) => [`${row.member}/${row.period}`, row.value]));
  return {
    note: ccw.notes(kpi, { level: ccw.state.level }, grain, section.grain ?? ccw.state.grain),
    sentence: ccw.t("says_mix", { member: ccw.memberName(section.level, top.member), period: ccw.period(grain, newest.period), value: ccw.percent(top.value) }),
    chart: ccw.charts.columns({
      names: periods.map((day) => ccw.period(grain, day, "short")), stacked: true, area: periods.length > 20, share: true, format: (share) => ccw.percent(share, 0),
      series: sizes.slice(0, 8).map((id) => ({ name: ccw.memberName(section.level, id), values: periods.map((day) => value.get(`${id}/${day}`) ?? 0) })),
    }),
    columns: ccw.parts.kpiColumns(),
    rows: ccw.parts.lazy([...rows].sort((a, b) => b.period - a.period), ccw.parts.kpiCells),
  };
};

// Agents on a plane of two KPIs.
ccw.views.plane = async (section) => {
  const [x, y] = section.kpis;
  if (!y) return { empty: ccw.whyEmpty(section, x), rows: [] };
  const grain = section.grain ?? ccw.state.grain;
  const [ofX, ofY, ofSize] = await Promise.all([x, y, "contacts_handled"].map((kpi) => (ccw.facts.kpis[kpi] ? ccw.data.select(kpi, { level: "agent", grain }) : { rows: [] })));
  const newest = ccw.data.newest(ofX.rows);
  if (!newest) return { empty: ccw.whyEmpty(section, x), rows: [] };
  const at = (rows) => new Map(rows.filter((row) => row.period === newest.period).map((row) => [row.member, row]));
  const [xs, ys, sizes] = [ofX, ofY, ofSize].map(({ rows }) => at(rows));
  const team = ccw.state.level === "team" ? ccw.state.member : "";
  const agents = [...xs.keys()].filter((agent) => ys.has(agent) && xs.get(agent).value !== null && ys.get(agent).value !== null
    && (!team || ccw.members.agent_team[agent] === team)).sort(ccw.byName("agent"));
  if (!agents.length) return { empty: ccw.whyEmpty(section, y), rows: [] };
  const period = ccw.period(ofX.grain, newest.period);
  return {
    sentence: ccw.t("says_plane", { period, x: ccw.kpiName(x), y: ccw.kpiName(y) }),
    chart: ccw.charts.points({
      xName: ccw.kpiName(x), yName: ccw.kpiName(y), formatX: (value) => ccw.kpiValue(x, value), formatY: (value) => ccw.kpiValue(y, value), axisX: ccw.kpiAxis(x), axisY: ccw.kpiAxis(y),
      points: agents.map((agent) => ({ name: ccw.memberName("agent", agent), group: ccw.memberName("team", ccw.members.agent_team[agent] ?? null),
        x: xs.get(agent).value, y: ys.get(agent).value, size: sizes.get(agent)?.value ?? 1 })),
    }),
    size: "tall",
    columns: [{ name: ccw.t("level_agent") }, { name: ccw.t("level_team") }, { name: ccw.kpiName(x), number: true }, { name: ccw.kpiName(y), number: true }],
    rows: agents.map((agent) => [
      { text: ccw.memberName("agent", agent), raw: agent, href: ccw.link("agent.html", { level: "agent", member: agent }) },
      ccw.memberName("team", ccw.members.agent_team[agent] ?? null),
      { text: ccw.kpiValue(x, xs.get(agent).value), raw: xs.get(agent).value, open: xs.get(agent) },
      { text: ccw.kpiValue(y, ys.get(agent).value), raw: ys.get(agent).value, open: ys.get(agent) }]),
  };
};

// Days of one KPI outside the limits of its control chart.
const exceptionsOf = async (kpi) => {
  if (!ccw.facts.watched.includes(kpi)) return [];
  const columns = await ccw.chunk(`${kpi}/exceptions`);
  return columns.day.map((day, i) => Object.fromEntries([["kpi", kpi], ...Object.keys(columns).map((name) => [name, columns[name][i]])]));
};

ccw.views.kpi_exceptions = async (section) => ccw.exceptionRows(await exceptionsOf(section.kpis[0]), false);

ccw.exceptionRows = (all, withKpi) => {
  const { level, member } = ccw.state;
  const rows = all.filter((row) => ccw.data.inTime(ccw.dayOf(row.day), "day") && (level === "organization" || (row.level === level && (!member || row.level_id === member))));
  if (!rows.length) return { empty: ccw.t("empty_no_exceptions"), rows: [] };
  const value = (row, name) => ({ text: ccw.kpiValue(row.kpi, row[name]), raw: row[name] });
  return {
    sentence: ccw.t("says_exceptions", { n: rows.length }),
    columns: [...(withKpi ? [{ name: ccw.t("kpi") }] : []), { name: ccw.t("day") }, { name: ccw.t("name") }, { name: ccw.t("value"), number: true },
      { name: ccw.t("expected"), number: true }, { name: ccw.t("limits"), number: true }, { name: ccw.t("rule") }],
    rows: rows.map((row) => [
      ...(withKpi ? [{ text: ccw.kpiName(row.kpi), raw: row.kpi, href: ccw.link(`kpi/${row.kpi}.html`, { level: row.level, member: row.level === "organization" ? "" : row.level_id, grain: "day" }) }] : []),
      { text: ccw.period("day", ccw.dayOf(row.day)), raw: row.day },
      { text: ccw.memberName(row.level, row.level_id), raw: row.level_id }, value(row, "value"), value(row, "expected"),
      { text: ccw.range(row.kpi, row.lower, row.upper), raw: `${row.lower} ${row.upper}` },
      { text: `${row.rule.includes("above") ? "▲" : "▼"} ${ccw.t(row.rule.includes("above") ? "rule_above" : "rule_below")}`, raw: row.rule }]),
  };
};

// An agent's KPIs beside those of the team.
ccw.views.agent_beside_team = async (section) => {
  const { level, member } = ccw.state;
  if (level !== "agent" || !member) return { empty: ccw.t("empty_no_agent"), rows: [] };
  const team = ccw.members.agent_team[member];
  const grain = section.grain ?? ccw.state.grain;
  const found = await Promise.all(section.kpis.map(async (kpi) => {
    const own = await ccw.data.select(kpi, { level: "agent", member, grain });
    const row = ccw.data.newest(own.rows);
    if (!row) return null;
    const ofTeam = await ccw.data.select(kpi, { level: "team", member: team, grain });
    const beside = ofTeam.rows.find((one) => one.period === row.period);
    return [
      { text: ccw.kpiName(kpi), raw: kpi, href: ccw.link(`kpi/${kpi}.html`) }, ccw.period(row.grain, row.period),
      { text: ccw.kpiValue(kpi, row.value), raw: row.value, open: row }, { text: ccw.parts.interval(row) },
      beside ? { text: ccw.kpiValue(kpi, beside.value), raw: beside.value, open: beside } : "–",
      { text: ccw.kpiValue(kpi, row.target), raw: row.target }, ccw.parts.stateOf(row)];
  }));
  const rows = found.filter(Boolean);
  if (!rows.length) return { empty: ccw.t("empty_no_rows"), rows: [] };
  return {
    sentence: `${ccw.memberName("agent", member)}, ${ccw.memberName("team", team ?? null)}`,
    columns: [{ name: ccw.t("kpi") }, { name: ccw.t("period") }, { name: ccw.t("level_agent"), number: true }, { name: ccw.t("interval"), number: true },
      { name: ccw.t("team_value"), number: true }, { name: ccw.t("target"), number: true }, { name: ccw.t("state") }],
    rows,
  };
};

// All KPIs, by domain.
ccw.views.kpis = async () => {
  const { h } = ccw;
  const domains = new Map();
  for (const [kpi, of] of Object.entries(ccw.facts.kpis)) domains.set(of.domain, [...(domains.get(of.domain) ?? []), kpi]);
  return {
    sentence: ccw.t("says_kpis", { n: Object.keys(ccw.facts.kpis).length }),
    content: h("div", {}, [...domains].map(([domain, kpis]) => h("div", { class: "kpi-list" }, h("h3", {}, ccw.words.text[`domain_${domain}`] ?? domain),
      h("dl", {}, kpis.map((kpi) => h("div", {}, h("dt", {}, h("a", { href: ccw.link(`kpi/${kpi}.html`) }, ccw.kpiName(kpi))), h("dd", {}, ccw.kpiText(kpi).description))))))),
    rows: [],
  };
};
