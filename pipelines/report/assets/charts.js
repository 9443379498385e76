// Charts: each function takes what is shown and gives a function from colours and width to an option of Apache ECharts.
//
// Colours come from the style sheet, so that light, dark and print are told in one place. Series differ in their symbols
// and dashes too. Tooltips are drawn on the canvas, since the page's security policy allows no styles in markup.
"use strict";

ccw.charts = { shown: [] };

ccw.charts.colours = () => {
  const style = getComputedStyle(document.documentElement);
  const of = (name) => style.getPropertyValue(`--${name}`).trim();
  return {
    text: of("text"), quiet: of("quiet"), line: of("line"), panel: of("panel"), accent: of("accent"), target: of("target"),
    series: [1, 2, 3, 4, 5, 6, 7, 8].map((number) => of(`series-${number}`)), scale: [of("scale-low"), of("scale-high")],
    font: getComputedStyle(document.body).fontFamily,
  };
};

const SYMBOLS = ["circle", "rect", "triangle", "diamond", "roundRect", "arrow", "pin", "circle"];
const DASHES = ["solid", "dashed", "dotted", [8, 3, 2, 3], "solid", "dashed", "dotted", [8, 3, 2, 3]];

// What all charts share.
ccw.charts.base = (c) => ({
  animation: false,
  color: c.series,
  textStyle: { fontFamily: c.font, color: c.text, fontSize: 12 },
  grid: { left: 8, right: 32, top: 36, bottom: 8, containLabel: true },
  tooltip: {
    renderMode: "richText", confine: true, backgroundColor: c.panel, borderColor: c.line, borderWidth: 1,
    textStyle: { color: c.text, fontFamily: c.font, fontSize: 12 },
  },
  aria: { enabled: false },
});

const axis = (c, more) => ({
  axisLine: { lineStyle: { color: c.line } }, axisTick: { show: false }, splitLine: { lineStyle: { color: c.line } },
  axisLabel: { color: c.quiet, hideOverlap: true }, nameTextStyle: { color: c.quiet }, ...more,
});
// An axis of times has round steps of a clock: quarters of an hour, not thousands of seconds.
const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600, 7200, 14400, 21600, 43200, 86400, 172800, 432000, 864000];
const timeSteps = (format, values, most) => {
  const known = values.filter((value) => value !== null && value !== undefined);
  if (!format.isTime || !known.length) return {};
  const low = Math.min(...known), high = Math.max(...known);
  const interval = STEPS.find((step) => (high - low) / step <= most) ?? Math.ceil((high - low) / most / 864000) * 864000;
  return { interval, min: Math.floor(low / interval) * interval, max: Math.max(Math.ceil(high / interval), Math.floor(low / interval) + 1) * interval };
};

// All names of a legend are shown, in as many lines as they need, for which the chart grows; only very many are leafed through.
const legend = (option, c, width, names) => {
  const wide = /[\u2e80-\uffdc]/g;
  const lengths = [...new Set(names)].map((name) => 46 + 7 * name.length + 6 * (name.match(wide) ?? []).length);
  const isBroken = lengths.some((length) => length > width);
  let lines = 1, used = 0;
  for (const length of lengths) {
    if (used && used + length > width) { lines += 1; used = 0; }
    used += length;
    lines += Math.ceil(length / width) - 1;
  }
  const fits = lines <= 12;
  option.legend = { type: fits ? "plain" : "scroll", top: 0, left: 0, right: 0, itemGap: 14, pageTextStyle: { color: c.text },
    pageIconColor: c.text, pageIconInactiveColor: c.line,
    textStyle: { color: c.text, ...(isBroken ? { width: width - 46, overflow: "break", lineHeight: 15 } : {}) } };
  const more = fits ? (isBroken ? 26 : 24) * (lines - 1) : 0;
  option.grid.top += more;
  option.moreHeight = more;
};

// Lines over periods. series: [{name, rows}]; the interval of a single line is a band; what is not final is hollow. A chart
// of days has the lines of its control chart, `limits`, instead of the band, and days outside are `marked`.
ccw.charts.lines = ({ series, format, axisFormat = format, target = null, grain, zero = false, marked = new Set(), limits = new Map() }) => (c, width) => {
  const periods = [...new Set(series.flatMap((one) => one.rows.map((row) => row.period)))].sort((a, b) => a - b);
  const option = ccw.charts.base(c);
  const single = series.length === 1;
  const at = (one) => new Map(one.rows.map((row) => [row.period, row]));
  option.xAxis = axis(c, { type: "category", data: periods, boundaryGap: false, splitLine: { show: false },
    axisLabel: { color: c.quiet, hideOverlap: true, formatter: (day) => ccw.period(grain, Number(day), "short") } });
  const bounds = limits.size ? [...limits.values()].flatMap(({ lower, upper }) => [lower, upper]) : single ? series[0].rows.flatMap((row) => [row.low, row.high]) : [];
  option.yAxis = axis(c, { type: "value", scale: !zero, axisLabel: { color: c.quiet, formatter: axisFormat },
    ...timeSteps(axisFormat, [...series.flatMap((one) => one.rows.map((row) => row.value)), ...bounds, target], 6) });
  option.series = series.map((one, i) => {
    const rows = at(one);
    return {
      name: one.name, type: "line", connectNulls: false, symbolSize: periods.length > 45 ? 4 : 7, symbol: SYMBOLS[i % 8],
      showSymbol: periods.length <= 100, lineStyle: { width: 2, type: DASHES[i % 8] }, z: 3,
      itemStyle: { color: c.series[i % 8] },
      data: periods.map((day) => {
        const row = rows.get(day);
        return row === undefined || row.value === null ? null : row.isFinal === false
          ? { value: row.value, itemStyle: { color: c.panel, borderColor: c.series[i % 8], borderWidth: 2 } } : row.value;
      }),
    };
  });
  for (const [name, key, type] of [["expected", "expected", "solid"], ["limits", "lower", [2, 3]], ["limits", "upper", [2, 3]]]) {
    if (limits.size) {
      option.series.push({ name: ccw.t(name), type: "line", step: "middle", symbol: "none", silent: true, z: 2, tooltip: { show: false },
        itemStyle: { color: c.quiet }, lineStyle: { width: key === "expected" ? 1 : 1.5, type, color: c.quiet, opacity: 0.85 },
        data: periods.map((day) => limits.get(day)?.[key] ?? null) });
    }
  }
  if (single && !limits.size && series[0].rows.some((row) => row.low !== null && row.low !== undefined)) {
    const rows = at(series[0]);
    const bound = (day, name) => rows.get(day)?.[name] ?? null;
    const band = { type: "line", stack: "band", stackStrategy: "all", symbol: "none", silent: true, tooltip: { show: false }, z: 1,
      lineStyle: { opacity: 0 } };
    option.series.push(
      { ...band, data: periods.map((day) => bound(day, "low")) },
      { ...band, areaStyle: { color: c.series[0], opacity: 0.16 },
        data: periods.map((day) => (bound(day, "low") === null ? null : bound(day, "high") - bound(day, "low"))) },
    );
  }
  if (target !== null) {
    option.series.push({ name: ccw.t("target"), type: "line", symbol: "none", silent: true, z: 2, itemStyle: { color: c.target },
      lineStyle: { width: 1.5, type: [4, 4], color: c.target }, data: periods.map(() => target) });
  }
  if (marked.size) {
    const rows = at(series[0]);
    option.series.push({ name: ccw.t("section_exceptions"), type: "scatter", symbol: "diamond", symbolSize: 13, silent: true, z: 5,
      tooltip: { show: false }, itemStyle: { color: "transparent", borderColor: c.series[1], borderWidth: 2.5 },
      data: periods.map((day) => (marked.has(day) ? rows.get(day)?.value ?? null : null)) });
  }
  if (option.series.filter((one) => one.name).length > 1) legend(option, c, width, option.series.flatMap((one) => one.name ?? []));
  option.tooltip.trigger = "axis";
  const own = new Set(limits.size ? [ccw.t("expected"), ccw.t("limits")] : []);
  option.tooltip.formatter = (points) => [
    ccw.period(grain, Number(points[0].axisValue)),
    ...points.filter((point) => point.seriesName && !/^series/.test(point.seriesName) && !own.has(point.seriesName) && point.value !== undefined && point.value !== null)
      .map((point) => `${point.seriesName}: ${format(point.value)}`),
    ...[limits.get(Number(points[0].axisValue))].filter(Boolean).flatMap(({ expected, lower, upper }) => [
      `${ccw.t("expected")}: ${format(expected)}`, `${ccw.t("limits")}: ${lower === null ? "–" : format(lower)} – ${upper === null ? "–" : format(upper)}`]),
  ].join("\n");
  return option;
};

// Bars of members, lying, with their intervals. In a language that is written right to left they grow to the left.
ccw.charts.bars = ({ rows, format, axisFormat = format, target = null }) => (c, width) => {
  const option = ccw.charts.base(c);
  // The interval of a mean time may reach below 0, where there is no time.
  const lowOf = (row) => (axisFormat.isTime && row.low < 0 && row.low !== null ? 0 : row.low);
  option.grid.top = 12;
  if (ccw.isRtl) Object.assign(option.grid, { left: 32, right: 8 });
  option.yAxis = axis(c, { type: "category", inverse: true, data: rows.map((row) => row.name), position: ccw.isRtl ? "right" : "left",
    splitLine: { show: false }, axisLabel: namesBeside(c, width, rows.map((row) => row.name)) });
  option.xAxis = axis(c, { type: "value", inverse: ccw.isRtl, min: ({ min }) => (min > -1e-6 ? 0 : null), axisLabel: { color: c.quiet, hideOverlap: true, formatter: axisFormat },
    ...timeSteps(axisFormat, [0, ...rows.flatMap((row) => [row.value, lowOf(row), row.high])], width < 520 ? 3 : 6) });
  option.series = [{
    type: "bar", barMaxWidth: 18, itemStyle: { color: c.series[0], opacity: 0.85 },
    data: rows.map((row) => ({ value: row.value, itemStyle: row.isLow ? { opacity: 0.4 } : undefined })),
    markLine: target === null ? undefined : { silent: true, symbol: "none", data: [{ xAxis: target }],
      lineStyle: { color: c.target, type: [4, 4], width: 1.5 }, label: { show: false } },
  }, {
    type: "custom", silent: true, tooltip: { show: false }, z: 5, encode: { x: [1, 2], y: 0 },
    data: rows.map((row, i) => [i, lowOf(row), row.high]).filter((row) => row[1] !== null && row[1] !== undefined),
    renderItem: (params, api) => {
      const low = api.coord([api.value(1), api.value(0)]);
      const high = api.coord([api.value(2), api.value(0)]);
      const line = (x1, y1, x2, y2) => ({ type: "line", shape: { x1, y1, x2, y2 }, style: { stroke: c.text, lineWidth: 1.2 } });
      return { type: "group", children: [line(low[0], low[1], high[0], high[1]),
        line(low[0], low[1] - 4, low[0], low[1] + 4), line(high[0], high[1] - 4, high[0], high[1] + 4)] };
    },
  }];
  option.tooltip.formatter = ({ dataIndex }) => {
    const row = rows[dataIndex];
    return [row.name, format(row.value), row.low === null || row.low === undefined ? null
      : ccw.t("interval_of", { low: format(row.low), high: format(row.high) })].filter(Boolean).join("\n");
  };
  return option;
};

// Names beside bars and rows: in two lines where the chart is narrow, and never longer than fits there.
const namesBeside = (c, width, names) => (names.every((name) => name.length <= 12) ? { color: c.text, interval: 0 } : { color: c.text, interval: 0,
  width: width < 520 ? 110 : 190, overflow: width < 520 ? "break" : "truncate", lineHeight: 13, formatter: (name) => (width < 520 && name.length > 30 ? `${name.slice(0, 29)}…` : name) });

// Few categories all have their label: broken into lines, or turned where the chart is narrow.
const labelsOf = (names, width) => {
  if (names.length > 8) return { hideOverlap: true };
  const isNarrow = width < 520 && names.some((name) => String(name).length > 6);
  return { interval: 0, lineHeight: 14, overflow: isNarrow ? "truncate" : "break", rotate: isNarrow ? 60 : 0,
    width: isNarrow ? 84 : (width - 90) / names.length - 4 };
};

// Columns, areas or lines over categories. series: [{name, values}].
ccw.charts.columns = ({ names, series, format, stacked = false, area = false, line = false, xName = "", share = false }) => (c, width) => {
  const option = ccw.charts.base(c);
  option.grid.top = series.length > 1 ? 36 : 16;
  if (series.length > 1) legend(option, c, width, series.map((one) => one.name));
  option.grid.bottom = xName ? 26 : 8;
  option.xAxis = axis(c, { type: "category", data: names, boundaryGap: !area && !line, splitLine: { show: false }, name: xName,
    nameLocation: "middle", nameGap: 28, axisLabel: { color: c.quiet, ...labelsOf(names, width) } });
  option.yAxis = axis(c, { type: "value", max: share ? 1 : null, axisLabel: { color: c.quiet, formatter: format } });
  option.series = series.map((one, i) => ({
    name: one.name, type: area || line ? "line" : "bar", stack: stacked ? "all" : undefined, data: one.values, symbol: area ? SYMBOLS[i % 8] : "none",
    symbolSize: 5, barMaxWidth: 44, itemStyle: { color: c.series[i % 8], borderColor: c.panel, borderWidth: stacked && !area ? 1 : 0 },
    lineStyle: { width: 2, type: line ? DASHES[i % 8] : "solid" }, areaStyle: area ? { opacity: 0.55 } : undefined,
  }));
  option.tooltip.trigger = "axis";
  option.tooltip.formatter = (points) => [points[0].axisValue, ...points.filter((point) => point.value)
    .map((point) => (series.length > 1 ? `${point.seriesName}: ${format(point.value)}` : format(point.value)))].join("\n");
  return option;
};

// Cells of two categories: the darker, the more.
ccw.charts.heat = ({ x, y, cells, format }) => (c, width) => {
  const option = ccw.charts.base(c);
  const most = Math.max(1, ...cells.map((cell) => cell[2]));
  option.grid.top = 8;
  option.grid.bottom = 48;
  option.xAxis = axis(c, { type: "category", data: x, splitLine: { show: false },
    axisLabel: { color: c.quiet, ...labelsOf(x, width) } });
  option.yAxis = axis(c, { type: "category", data: y, inverse: true, splitLine: { show: false },
    axisLabel: namesBeside(c, width, y) });
  option.visualMap = { min: 0, max: most, calculable: false, orient: "horizontal", left: "center", bottom: 0, itemHeight: 120,
    itemWidth: 12, text: [format(most), format(0)], textStyle: { color: c.quiet }, inRange: { color: c.scale } };
  option.series = [{ type: "heatmap", progressive: 0, data: cells, itemStyle: { borderColor: c.panel, borderWidth: 1 } }];
  option.tooltip.formatter = ({ value }) => `${y[value[1]]}, ${x[value[0]]}\n${format(value[2])}`;
  return option;
};

// A flow from nodes to nodes. links: [{source, target, value}].
ccw.charts.flow = ({ nodes, links, format }) => (c) => {
  const option = ccw.charts.base(c);
  const names = new Map(nodes.map((node) => [node.id, node.name]));
  option.series = [{
    type: "sankey", left: 8, right: 8, top: 12, bottom: 24, nodeGap: 20, nodeWidth: 14, draggable: false, emphasis: { focus: "adjacency" },
    data: nodes.map((node, i) => ({ name: node.id, itemStyle: { color: c.series[(node.colour ?? i) % 8], borderWidth: 0 },
      label: { position: node.isLast ? "left" : "right" } })),
    links, lineStyle: { color: "source", opacity: 0.3 },
    label: { color: c.text, fontFamily: c.font, formatter: ({ name, value }) => `${names.get(name)}  ${format(value)}` },
  }];
  option.tooltip.formatter = ({ dataType, data, name, value }) => (dataType === "edge"
    ? `${names.get(data.source)} → ${names.get(data.target)}\n${format(data.value)}` : `${names.get(name)}\n${format(value)}`);
  return option;
};

// Points on a plane of two values. points: [{name, x, y, size, group}].
ccw.charts.points = ({ points, xName, yName, formatX, formatY, axisX = formatX, axisY = formatY }) => (c, width) => {
  const option = ccw.charts.base(c);
  const groups = [...new Set(points.map((point) => point.group))];
  const most = Math.max(1, ...points.map((point) => point.size ?? 1));
  option.grid.bottom = 30;
  option.grid.top = groups.length > 1 ? 56 : 32;
  if (groups.length > 1) legend(option, c, width, groups);
  option.xAxis = axis(c, { type: "value", scale: true, name: xName, nameLocation: "middle", nameGap: 30,
    axisLabel: { color: c.quiet, hideOverlap: true, formatter: axisX }, ...timeSteps(axisX, points.map((point) => point.x), width < 520 ? 4 : 8) });
  option.yAxis = axis(c, { type: "value", scale: true, name: yName, nameLocation: "end",
    nameTextStyle: { color: c.quiet, align: "left" }, axisLabel: { color: c.quiet, formatter: axisY }, ...timeSteps(axisY, points.map((point) => point.y), 6) });
  option.series = groups.map((group, i) => ({
    name: group, type: "scatter", symbol: SYMBOLS[i % 8], itemStyle: { color: c.series[i % 8], opacity: 0.8 },
    symbolSize: (value) => 7 + 15 * Math.sqrt((value[2] ?? 0) / most),
    data: points.filter((point) => point.group === group).map((point) => ({ name: point.name, value: [point.x, point.y, point.size ?? 0] })),
  }));
  option.tooltip.formatter = ({ name, value }) => `${name}\n${xName}: ${formatX(value[0])}\n${yName}: ${formatY(value[1])}`;
  return option;
};

// Draws a chart into an element, and keeps it so that it can be drawn again in other colours or sizes.
const drawn = (element, build) => {
  const { moreHeight = 0, ...option } = build(ccw.charts.colours(), element.clientWidth);
  if (moreHeight || element.dataset.grown) {
    element.dataset.grown = "yes";
    element.style.height = "";
    element.style.height = `${element.clientHeight + moreHeight}px`;
  }
  return option;
};

ccw.charts.draw = (element, build) => {
  const option = drawn(element, build);
  const instance = echarts.init(element, null, { renderer: "canvas", devicePixelRatio: Math.max(2, window.devicePixelRatio) });
  instance.setOption(option);
  ccw.charts.shown.push({ element, instance, build });
};

ccw.charts.redraw = () => {
  ccw.charts.shown = ccw.charts.shown.filter(({ element, instance, build }) => {
    if (!element.isConnected) { instance.dispose(); return false; }
    const option = drawn(element, build);
    instance.resize();
    instance.setOption(option, true);
    return true;
  });
};

// On paper each chart is one canvas: the layers of a chart on the screen do not all get there.
ccw.charts.toPaper = () => {
  ccw.charts.redraw();
  for (const { element, instance } of ccw.charts.shown) {
    const paper = instance.renderToCanvas({ pixelRatio: 2 });
    paper.className = "paper";
    paper.removeAttribute("style");
    element.append(paper);
  }
};

ccw.charts.fromPaper = () => {
  for (const paper of document.querySelectorAll(".paper")) paper.remove();
  ccw.charts.redraw();
};
