// Views of tables beside KPIs: flows, hours, waits, scorecards, what landed. Counts are summed over what the reader chose.
"use strict";

const count = (value) => ({ text: ccw.number(value), raw: value });
const columnsOf = (first, ...others) => [{ name: ccw.t(first) }, ...others.map((key) => ({ name: ccw.t(key), number: true }))];

// Read the section's table; a note says where it can't be split as the reader chose.
const readTable = async (section, grain) => {
  const found = await ccw.data.table(section.table, grain);
  const empty = found.rows.length ? null : ccw.whyEmpty(section);
  const note = found.isWhole ? ccw.t("whole_shown", { level: ccw.t(`level_${ccw.state.level}`) }) : "";
  return { ...found, empty: empty && { empty, rows: [] }, note };
};

const channelName = (channel) => ccw.memberName("channel", channel);
const queueName = (queue) => ccw.memberName("queue", queue);
const reasonName = (reason) => ccw.memberName("reason", reason);

ccw.views.exceptions = async () => {
  const columns = await ccw.chunk("tables/exceptions_recent");
  const all = columns.day.map((day, i) => Object.fromEntries(Object.keys(columns).map((name) => [name, columns[name][i]])));
  return { ...ccw.exceptionRows(all, true), limit: 12 };
};

ccw.views.freshness = async () => {
  const { rows } = await ccw.data.table("landed");
  const events = rows.filter((row) => row.newest_event).sort((a, b) => (a.newest_event < b.newest_event ? 1 : -1));
  if (!events.length) return { empty: ccw.t("empty_no_rows"), rows: [] };
  return {
    sentence: ccw.t("says_freshness", { time: ccw.moment(events[0].newest_event) }),
    columns: [{ name: ccw.t("source") }, { name: ccw.t("table") }, { name: ccw.t("newest_event") }, { name: ccw.t("current_records"), number: true }],
    rows: events.map((row) => [row.source, row.table, { text: ccw.moment(row.newest_event), raw: row.newest_event }, count(row.current_records)]),
  };
};

ccw.views.window_curve = async (section) => {
  const { rows, empty, note } = await readTable(section);
  if (empty) return empty;
  const channels = [...new Set(rows.map((row) => row.channel))].sort(ccw.byName("channel"));
  const hours = Array.from({ length: 168 }, (_, i) => i + 1);
  const share = new Map(rows.map((row) => [`${row.channel}/${row.gap_hours}`, row.cumulative_share]));
  const largest = channels.reduce((best, channel) => {
    const sum = ccw.sum(rows.filter((row) => row.channel === channel), "repeats");
    return !best || sum > best.sum ? { channel, sum } : best;
  }, null).channel;
  return {
    note,
    sentence: `${channelName(largest)} · ${ccw.t("says_window_curve", { day: ccw.percent(share.get(`${largest}/24`), 0), two_days: ccw.percent(share.get(`${largest}/48`), 0) })}`,
    chart: ccw.charts.columns({ names: hours, line: true, xName: ccw.t("hours_of_gap"), format: (value) => ccw.percent(value, 0),
      series: channels.map((channel) => ({ name: channelName(channel), values: hours.map((hour) => share.get(`${channel}/${hour}`) ?? null) })) }),
    columns: [{ name: ccw.t("hours_of_gap"), number: true }, ...channels.map((channel) => ({ name: channelName(channel), number: true }))],
    rows: hours.map((hour) => [String(hour), ...channels.map((channel) => ({ text: ccw.percent(share.get(`${channel}/${hour}`) ?? null), raw: share.get(`${channel}/${hour}`) }))]),
  };
};

ccw.views.repeats_by_day = async (section) => {
  const { rows, empty, note } = await readTable(section, "week");
  if (empty) return empty;
  const days = [1, 2, 3, 4, 5, 6, 7];
  const sums = days.map((day) => ccw.sum(rows, `day_${day}`));
  const heads = ccw.sum(rows, "heads");
  return {
    note,
    sentence: ccw.t("says_repeats_by_day", { heads, day_1: sums[0], days_7: sums.reduce((a, b) => a + b, 0) }),
    chart: ccw.charts.columns({ names: days.map((day) => ccw.number(day)), series: [{ name: ccw.t("repeats"), values: sums }], xName: ccw.t("days_since"), format: ccw.number }),
    columns: columnsOf("days_since", "repeats"),
    rows: days.map((day, i) => [count(day), count(sums[i])]),
  };
};

ccw.views.repeat_origins = async (section) => {
  const { rows, empty, note } = await readTable(section, "week");
  if (empty) return empty;
  const repeats = (row) => [1, 2, 3, 4, 5, 6, 7].reduce((total, day) => total + row[`day_${day}`], 0);
  const sums = new Map();
  for (const row of rows) {
    const key = JSON.stringify([row.queue_id, row.reason_code]);
    sums.set(key, (sums.get(key) ?? 0) + repeats(row));
  }
  const cells = [...sums].map(([key, n]) => [...JSON.parse(key), n]).sort((a, b) => b[2] - a[2]);
  const busiest = [...ccw.sumBy(cells.map(([queue, , n]) => ({ queue, n })), (row) => row.queue, "n")].sort((a, b) => b[1] - a[1]).slice(0, 15).map(([queue]) => queue);
  const reasons = [...new Set(cells.map((cell) => cell[1]))].sort(ccw.byName("reason"));
  return {
    note,
    sentence: ccw.t("says_repeat_origins", { queue: queueName(cells[0][0]), reason: reasonName(cells[0][1]), n: cells[0][2] }),
    chart: ccw.charts.heat({ x: reasons.map(reasonName), y: busiest.map(queueName), format: ccw.number,
      cells: cells.filter(([queue]) => busiest.includes(queue)).map(([queue, reason, n]) => [reasons.indexOf(reason), busiest.indexOf(queue), n]) }),
    height: 110 + 30 * busiest.length,
    columns: [{ name: ccw.t("level_queue") }, { name: ccw.t("level_reason") }, { name: ccw.t("repeats"), number: true }],
    rows: cells.map(([queue, reason, n]) => [queueName(queue), reasonName(reason), count(n)]),
  };
};

// Counts by a small number, such as contacts per issue.
const byNumber = (section, key, column, sentence) => async () => {
  const { rows, empty, note } = await readTable(section, "month");
  if (empty) return empty;
  const sums = [...ccw.sumBy(rows, (row) => row[key], column)].sort((a, b) => a[0] - b[0]);
  const total = ccw.sum(rows, column);
  return {
    note,
    sentence: sentence(sums, total),
    chart: ccw.charts.columns({ names: sums.map(([number]) => ccw.number(number)), series: [{ name: ccw.t(column), values: sums.map(([, n]) => n) }],
      xName: ccw.t(key === "contacts" ? "contacts_per_issue" : key), format: ccw.number }),
    columns: columnsOf(key === "contacts" ? "contacts_per_issue" : key, column),
    rows: sums.map(([number, n]) => [count(number), count(n)]),
  };
};
ccw.views.chains = (section) => byNumber(section, "contacts", "issues",
  (sums, total) => ccw.t("says_chains", { n: total, longest: sums.at(-1)[0] }))();
ccw.views.journey_agents = (section) => byNumber(section, "agents", "journeys",
  (sums, total) => ccw.t("says_journey_agents", { value: ccw.percent((sums.find(([n]) => n === 1)?.[1] ?? 0) / total, 0) }))();
ccw.views.journey_channels = (section) => byNumber(section, "channels", "journeys",
  (sums, total) => ccw.t("says_journey_channels", { value: ccw.percent((sums.find(([n]) => n === 1)?.[1] ?? 0) / total, 0) }))();

ccw.views.busy_hours = async (section) => {
  const { rows, empty, note } = await readTable(section, "month");
  if (empty) return empty;
  const sums = ccw.sumBy(rows, (row) => row.weekday * 48 + row.half_hour, "offered");
  const cells = [...sums].map(([key, n]) => ({ weekday: Math.floor((key) / 48), half: key % 48, n }));
  const most = cells.reduce((best, cell) => (cell.n > best.n ? cell : best));
  const first = Math.min(...cells.map((cell) => cell.half));
  const last = Math.max(...cells.map((cell) => cell.half));
  const halves = Array.from({ length: last - first + 1 }, (_, i) => first + i);
  const weekdays = [1, 2, 3, 4, 5, 6, 7];
  return {
    note,
    sentence: ccw.t("says_busy_hours", { weekday: ccw.weekday(most.weekday), time: ccw.clock(most.half) }),
    chart: ccw.charts.heat({ x: halves.map(ccw.clock), y: weekdays.map((day) => ccw.weekday(day, "short")), format: ccw.number,
      cells: weekdays.flatMap((day) => halves.map((half) => [half - first, day - 1, sums.get(day * 48 + half) ?? 0])) }),
    columns: [{ name: ccw.t("weekday") }, { name: ccw.t("time_of_day") }, { name: ccw.t("offered"), number: true }],
    rows: cells.sort((a, b) => a.weekday - b.weekday || a.half - b.half).map((cell) => [ccw.weekday(cell.weekday), ccw.clock(cell.half), count(cell.n)]),
  };
};

// Waits of answered visits. Channels in real time and those answered later stand apart (REP-8).
ccw.views.waits = async (section) => {
  const { rows, empty, note } = await readTable(section, "month");
  if (empty) return empty;
  const bounds = ccw.facts.wait_bins;
  const names = [...bounds, null].map((high, i) => (high === null ? ccw.t("wait_longer", { low: ccw.seconds(bounds.at(-1)) })
    : ccw.t("wait_from_to", { low: ccw.seconds(i ? bounds[i - 1] : 0), high: ccw.seconds(high) })));
  const kinds = [[1, "real_time"], [0, "deferred"]].map(([flag, key]) => {
    const sums = ccw.sumBy(rows.filter((row) => (row.is_real_time ?? 1) === flag), (row) => row.bin, "visits");
    return { name: ccw.t(key), values: names.map((_, i) => sums.get(i) ?? 0) };
  }).filter((kind) => kind.values.some(Boolean));
  const share = (values, part) => {
    const wanted = values.reduce((a, b) => a + b, 0) * part;
    let sum = 0;
    const bin = values.findIndex((n) => { sum += n; return sum >= wanted; });
    return bin < bounds.length ? ccw.seconds(bounds[bin]) : names[bin];
  };
  return {
    note,
    sentence: kinds.map((kind) => `${kind.name} · ${ccw.t("says_waits", { median: share(kind.values, 0.5), p90: share(kind.values, 0.9) })}`).join(" "),
    chart: ccw.charts.columns({ names, series: kinds, format: ccw.number }),
    columns: [{ name: ccw.t("wait") }, ...kinds.map((kind) => ({ name: kind.name, number: true }))],
    rows: names.map((name, i) => [name, ...kinds.map((kind) => count(kind.values[i]))]),
  };
};

ccw.views.reconciliation = async (section) => {
  const { rows, empty, note } = await readTable(section);
  if (empty) return empty;
  const order = ["answered", "abandoned", "short_abandoned", "flow_out", "open"];
  const sums = ccw.sumBy(rows, (row) => row.outcome, "visits");
  const outcomes = [...sums.keys()].sort((a, b) => order.indexOf(a) - order.indexOf(b));
  const offered = ccw.sum(rows.filter((row) => row.is_in_offered), "visits");
  const links = outcomes.flatMap((outcome) => (outcome === "open" ? [{ source: "visits", target: "open", value: sums.get("open") }]
    : [{ source: "offered", target: outcome, value: sums.get(outcome) }]));
  links.unshift({ source: "visits", target: "offered", value: offered });
  return {
    note,
    sentence: ccw.t("says_reconciliation", { offered, answered: sums.get("answered") ?? 0, abandoned: (sums.get("abandoned") ?? 0) + (sums.get("short_abandoned") ?? 0) }),
    chart: ccw.charts.flow({ links, format: ccw.number, nodes: ["visits", "offered", ...outcomes].map((id, i) => ({ id, name: ccw.t(id), colour: i, isLast: i > 1 })) }),
    columns: columnsOf("state", "visits"),
    rows: outcomes.map((outcome) => [ccw.t(outcome), count(sums.get(outcome))]),
  };
};

ccw.views.queues_now = async (section) => {
  const { rows, empty, note } = await readTable(section);
  if (empty) return empty;
  return {
    note,
    sentence: ccw.t("says_queues_now", { n: ccw.sum(rows, "waiting"), time: ccw.moment(rows[0].as_of) }),
    columns: columnsOf("level_queue", "waiting", "longest_wait", "agents_available", "agents_on_contact", "offered", "answered", "abandoned", "service_level_today"),
    limit: 40,
    rows: [...rows].sort((a, b) => b.waiting - a.waiting || ccw.byName("queue")(a.queue_id, b.queue_id)).map((row) => [
      { text: queueName(row.queue_id), raw: row.queue_id }, count(row.waiting), { text: ccw.seconds(row.longest_wait_seconds), raw: row.longest_wait_seconds },
      count(row.agents_available), count(row.agents_on_contact), count(row.offered), count(row.answered), count(row.abandoned),
      { text: ccw.percent(row.service_level), raw: row.service_level }]),
  };
};

ccw.views.time_use = async (section) => {
  const { rows, empty, note } = await readTable(section, "week");
  if (empty) return empty;
  const kinds = ["handling", "available", "shrinkage", "unpaid"];
  const weeks = [...new Set(rows.map((row) => row.day))].sort();
  const sums = ccw.sumBy(rows, (row) => `${row.counts_as}/${row.day}`, "hours");
  const totals = ccw.sumBy(rows, (row) => row.counts_as, "hours");
  const [most, hours] = [...totals].reduce((best, one) => (one[1] > best[1] ? one : best));
  const format = (value) => ccw.format("NumberFormat", { style: "unit", unit: "hour", unitDisplay: "short", maximumFractionDigits: 0 }).format(value);
  return {
    note,
    sentence: ccw.t("says_time_use", { state: ccw.t(most), value: format(hours) }),
    chart: ccw.charts.columns({ names: weeks.map((day) => ccw.period("week", ccw.dayOf(day), "short")), stacked: true, format,
      series: kinds.map((kind) => ({ name: ccw.t(kind), values: weeks.map((day) => sums.get(`${kind}/${day}`) ?? 0) })) }),
    columns: columnsOf("period", ...kinds),
    rows: [...weeks].reverse().map((day) => [{ text: ccw.period("week", ccw.dayOf(day)), raw: day },
      ...kinds.map((kind) => ({ text: format(sums.get(`${kind}/${day}`) ?? 0), raw: sums.get(`${kind}/${day}`) ?? 0 }))]),
  };
};

ccw.views.forecast = async (section) => {
  const { rows, empty, note } = await readTable(section);
  if (empty) return empty;
  const days = [...new Set(rows.map((row) => ccw.dayOf(row.day)))].sort((a, b) => a - b);
  const [forecast, offered] = ["forecast", "offered"].map((column) => ccw.sumBy(rows, (row) => ccw.dayOf(row.day), column));
  const series = [["offered", offered], ["forecast", forecast]].map(([key, sums]) => ({ name: ccw.t(key), rows: days.map((day) => ({ period: day, value: sums.get(day) ?? 0 })) }));
  return {
    note,
    sentence: ccw.t("says_forecast", { forecast: Math.round(ccw.sum(rows, "forecast")), offered: ccw.sum(rows, "offered") }),
    chart: ccw.charts.lines({ series, grain: "day", format: ccw.number, zero: true }),
    columns: columnsOf("day", "forecast", "offered"),
    rows: [...days].reverse().map((day) => [{ text: ccw.period("day", day), raw: ccw.isoOf(day) }, count(forecast.get(day)), count(offered.get(day))]),
  };
};

ccw.views.automation = async (section) => {
  const { rows, empty, note } = await readTable(section);
  if (empty) return empty;
  const format = ccw.number;
  const [top] = rows.filter((row) => row.reason_code !== "unknown");
  return {
    note,
    sentence: top && ccw.t("says_automation", { reason: reasonName(top.reason_code), value: ccw.percent(top.self_service_sessions ? top.self_served / top.self_service_sessions : null, 0) }),
    chart: ccw.charts.columns({ names: rows.map((row) => reasonName(row.reason_code)), format,
      series: [["contacts", "contacts_handled"], ["sessions", "self_service_sessions"], ["self_served", "self_served"]].map(([key, column]) => ({ name: ccw.t(key), values: rows.map((row) => row[column]) })) }),
    columns: columnsOf("level_reason", "contacts", "handle_time", "sessions", "self_served"),
    rows: rows.map((row) => [reasonName(row.reason_code), count(row.contacts_handled), { text: ccw.seconds(row.handle_seconds), raw: row.handle_seconds }, count(row.self_service_sessions), count(row.self_served)]),
  };
};

const verdictOf = (verdict) => ccw.t(`verdict_${verdict ?? "none"}`);

const readScorecards = async (section) => {
  const found = await readTable(section, "month");
  const team = ccw.state.level === "team" ? ccw.state.member : "";
  const month = found.rows.reduce((newest, row) => (row.day > newest ? row.day : newest), "");
  const rows = found.rows.filter((row) => row.day === month && (!team || ccw.members.agent_team[row.agent_id] === team));
  return { ...found, rows, month, empty: rows.length ? null : { empty: found.isEmpty ? ccw.t("empty_no_scorecards") : ccw.t("empty_no_rows"), rows: [] } };
};

// Agents by team and name. There is no ranking: intervals of most agents overlap.
ccw.views.scorecards = async (section) => {
  const { rows, empty, month } = await readScorecards(section);
  if (empty) return empty;
  const agents = [...new Set(rows.map((row) => row.agent_id))];
  const team = (agent) => ccw.memberName("team", ccw.members.agent_team[agent] ?? null);
  agents.sort((a, b) => team(a).localeCompare(team(b), ccw.locale) || ccw.byName("agent")(a, b));
  const verdicts = (of) => ["above", "inconclusive", "below"].map((verdict) => of.filter((row) => row.verdict === verdict).length);
  const [above, , below] = verdicts(rows);
  return {
    sentence: `${ccw.period("month", ccw.dayOf(month))} · ${ccw.t("says_scorecards", { below, above, n: rows.length })}`,
    columns: [{ name: ccw.t("level_agent") }, { name: ccw.t("level_team") }, { name: ccw.t("score"), number: true }, { name: ccw.t("verdict_above"), number: true },
      { name: ccw.t("verdict_inconclusive"), number: true }, { name: ccw.t("verdict_below"), number: true }],
    rows: agents.map((agent) => {
      const of = rows.filter((row) => row.agent_id === agent);
      return [{ text: ccw.memberName("agent", agent), raw: agent, href: ccw.link("agent.html", { level: "agent", member: agent }) }, team(agent),
        { text: ccw.number(of[0].score, 0), raw: of[0].score }, ...verdicts(of).map(count)];
    }),
  };
};

ccw.views.agent_scorecard = async (section) => {
  const { level, member } = ccw.state;
  if (level !== "agent" || !member) return { empty: ccw.t("empty_no_agent"), rows: [] };
  const { rows, empty, month } = await readScorecards(section);
  if (empty) return empty;
  return {
    sentence: `${ccw.memberName("agent", member)} · ${ccw.t("says_agent", { score: ccw.number(rows[0].score, 0), month: ccw.period("month", ccw.dayOf(month)) })}`,
    columns: [{ name: ccw.t("kpi") }, { name: ccw.t("verdict") }, ...["value", "interval", "target", "attainment", "effective_weight", "sample", "months_used"].map((key) => ({ name: ccw.t(key), number: true }))],
    rows: rows.map((row) => [
      { text: ccw.kpiName(row.kpi), raw: row.kpi, href: ccw.link(`kpi/${row.kpi}.html`) }, { text: verdictOf(row.verdict), raw: row.verdict },
      { text: ccw.kpiValue(row.kpi, row.value), raw: row.value }, { text: ccw.parts.interval({ kpi: row.kpi, low: row.ci_low, high: row.ci_high }) },
      { text: ccw.kpiValue(row.kpi, row.target), raw: row.target }, { text: ccw.percent(row.attainment, 0), raw: row.attainment },
      { text: ccw.number(row.effective_weight, 1), raw: row.effective_weight }, count(row.sample_size), count(row.months_used)]),
  };
};

ccw.views.journey_flow = async (section) => {
  const { rows, empty, note } = await readTable(section, "month");
  if (empty) return empty;
  const sums = new Map();
  for (const row of rows) {
    const key = JSON.stringify([row.previous_channel, row.channel]);
    sums.set(key, (sums.get(key) ?? 0) + row.moves);
  }
  const moves = [...sums].map(([key, n]) => [...JSON.parse(key), n]).sort((a, b) => b[2] - a[2]);
  const channels = [...new Set(moves.flatMap(([from, to]) => [from, to]))].sort(ccw.byName("channel"));
  const total = moves.reduce((sum, [, , n]) => sum + n, 0);
  const stay = moves.filter(([from, to]) => from === to).reduce((sum, [, , n]) => sum + n, 0);
  return {
    note,
    sentence: ccw.t("says_journey_flow", { n: total, stay }),
    chart: ccw.charts.flow({ format: ccw.number, nodes: channels.flatMap((channel, i) => [
      { id: `from ${channel}`, name: channelName(channel), colour: i }, { id: `to ${channel}`, name: channelName(channel), colour: i, isLast: true }])
      .filter((node) => moves.some(([from, to]) => node.id === `from ${from}` || node.id === `to ${to}`)),
    links: moves.map(([from, to, n]) => ({ source: `from ${from}`, target: `to ${to}`, value: n })) }),
    size: "tall",
    columns: [{ name: ccw.t("from_channel") }, { name: ccw.t("to_channel") }, { name: ccw.t("moves"), number: true }],
    rows: moves.map(([from, to, n]) => [channelName(from), channelName(to), count(n)]),
  };
};

// What customers wrote, newest first. A comment has the direction of its own script.
ccw.views.comments = async (section) => {
  const { rows, empty, note } = await readTable(section);
  if (empty) return empty;
  return {
    note,
    sentence: ccw.t("says_comments", { n: rows.length }),
    columns: [{ name: ccw.t("day") }, { name: ccw.t("comment") }, { name: ccw.t("csat_score"), number: true }, { name: ccw.t("level_team") }, { name: ccw.t("level_reason") }],
    rows: rows.map((row) => [{ text: ccw.period("day", ccw.dayOf(row.day)), raw: row.day }, { text: row.comment, isComment: true }, count(row.csat_score),
      ccw.memberName("team", row.team_id), reasonName(row.reason_code)]),
    limit: 25,
  };
};

ccw.views.landed = async (section) => {
  const { rows } = await ccw.data.table(section.table);
  if (!rows.length) return { empty: ccw.t("empty_no_rows"), rows: [] };
  const counts = ["landed", "rejected", "duplicates_replaced", "withdrawn", "current_records", "unidentified", "unknown_references"];
  return {
    sentence: ccw.t("says_landed", { landed: ccw.sum(rows, "landed"), rejected: ccw.sum(rows, "rejected") }),
    columns: [{ name: ccw.t("source") }, { name: ccw.t("table") }, ...counts.map((key) => ({ name: ccw.t(key), number: true })), { name: ccw.t("newest_event") }],
    rows: rows.map((row) => [row.source, row.table, ...counts.map((key) => count(row[key])), { text: ccw.moment(row.newest_event), raw: row.newest_event }]),
  };
};

// Times without rows in which rows were to be expected.
ccw.views.gaps = async (section) => {
  const { rows } = await ccw.data.table(section.table);
  if (!rows.length) return { empty: ccw.t("empty_no_gaps"), rows: [] };
  const hours = (n) => ccw.format("NumberFormat", { style: "unit", unit: "hour", unitDisplay: "short" }).format(n);
  return {
    sentence: ccw.t("says_gaps", { n: rows.length }),
    columns: [{ name: ccw.t("source") }, { name: ccw.t("table") }, { name: ccw.t("since") }, { name: ccw.t("until") },
      { name: ccw.t("missing_hours"), number: true }, { name: ccw.t("expected_rows"), number: true }, { name: ccw.t("state") }],
    rows: rows.map((row) => [row.source, row.table, { text: ccw.localMoment(row.gap_start), raw: row.gap_start },
      { text: ccw.localMoment(row.gap_end), raw: row.gap_end }, { text: hours(row.missing_hours), raw: row.missing_hours }, count(row.expected_rows),
      ccw.t(row.is_open ? "gap_open" : "gap_over")]),
  };
};
