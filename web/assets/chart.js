/**
 * # The chart that answers the pointer
 *
 * Draws the numbers of `figure[data-chart]` with uPlot, in the page's own colours, and draws again when they change, when
 * the room changes, and when the colour scheme does. The plain drawing stays until then, and where uPlot cannot run.
 */

const DASHES = [[], [6, 3], [2, 3], [8, 3, 2, 3], [1, 4]];
const COUNT = new Intl.NumberFormat("en");
const SHORT = new Intl.NumberFormat("en", { notation: "compact", maximumFractionDigits: 1 });

let drawn;
let marks = [];

function draw() {
  const figure = document.querySelector("figure[data-chart]");
  if (figure === null || typeof uPlot === "undefined") return;
  const target = figure.querySelector(".chart-drawn");
  if (drawn?.target === target && drawn.json === figure.dataset.chart) return;
  const { times, series, marks: found } = JSON.parse(figure.dataset.chart);
  marks = found;
  const values = series.map((one) => one.values.map(asUPlotValue));
  const shape = JSON.stringify(series.map(({ label }) => label));
  if (drawn?.target === target && drawn.shape === shape) {
    drawn.chart.setData([times, ...values]);
    drawn.json = figure.dataset.chart;
    return;
  }
  drawn?.chart.destroy();
  const chart = new uPlot(optionsOf(series, target), [times, ...values], target);
  drawn = { target, chart, shape, json: figure.dataset.chart };
  room.disconnect();
  room.observe(target);
}

/** uPlot breaks a line at null and draws through undefined. */
function asUPlotValue(value) {
  if (value === false) return null;
  return value === null ? undefined : value;
}

function optionsOf(series, target) {
  const colour = (name) => getComputedStyle(document.documentElement).getPropertyValue(name).trim();
  const axis = {
    stroke: colour("--soft"),
    font: "12px system-ui, sans-serif",
    grid: { stroke: colour("--line"), width: 1 },
    ticks: { show: false },
  };
  const line = ({ label }, index) => ({
    label,
    stroke: colour(index === 0 ? "--chart-line" : `--chart-${index}`),
    width: index === 0 ? 2 : 1.25,
    dash: DASHES[index],
    ...(index === 0 && { fill: colour("--chart-area") }),
    points: { show: false },
    value: (chart, lag, index, at) => countOrDash(at === null ? chart.data[index].findLast(isCount) : lag),
  });
  return {
    ...sizeOf(target),
    padding: [12, 8, 0, 0],
    cursor: { drag: { x: false, y: false }, points: { size: 7 } },
    legend: { live: true },
    hooks: { draw: [(chart) => drawMarks(chart, { line: colour("--soft"), words: colour("--ink") })] },
    scales: { y: { range: (_, __, most) => [0, Math.max(1, most * 1.08)] } },
    axes: [
      { ...axis, size: 34, space: 70, values: timeLabels },
      { ...axis, size: 56, values: (_, lags) => lags.map((lag) => (Number.isInteger(lag) ? SHORT.format(lag) : "")) },
    ],
    series: [
      { label: "Time", value: (_, at) => (at === null ? "newest" : new Date(at * 1000).toLocaleString()) },
      ...series.map(line),
    ],
  };
}

const LABEL_PX = 12;

/** A line where something was done to the group; its word where it does not run into the one before. */
function drawMarks(chart, { line, words }) {
  const { ctx, bbox } = chart;
  const scale = devicePixelRatio;
  let free = bbox.left;
  ctx.save();
  ctx.lineWidth = scale;
  ctx.font = `${LABEL_PX * scale}px system-ui, sans-serif`;
  ctx.textAlign = "left";
  ctx.textBaseline = "top";
  for (const { at, label } of marks) {
    const x = Math.round(chart.valToPos(at, "x", true));
    if (x < bbox.left || x > bbox.left + bbox.width) continue;
    ctx.strokeStyle = line;
    ctx.setLineDash([4 * scale, 3 * scale]);
    ctx.beginPath();
    ctx.moveTo(x, bbox.top);
    ctx.lineTo(x, bbox.top + bbox.height);
    ctx.stroke();
    const width = ctx.measureText(label).width;
    const left = x + 4 * scale + width > bbox.left + bbox.width ? x - 4 * scale - width : x + 4 * scale;
    if (left < free) continue;
    ctx.fillStyle = words;
    ctx.fillText(label, left, bbox.top + 2 * scale);
    free = left + width + 4 * scale;
  }
  ctx.restore();
}

/** Away from the pointer the legend tells the newest values. */
function countOrDash(lag) {
  return isCount(lag) ? COUNT.format(lag) : "–";
}

function isCount(lag) {
  return typeof lag === "number";
}

function timeLabels(_, times, __, ___, stepS) {
  const options =
    stepS >= 86_400 ? { month: "short", day: "numeric" } : { hour: "2-digit", minute: "2-digit", hourCycle: "h23" };
  const format = new Intl.DateTimeFormat(undefined, options);
  return times.map((at) => format.format(at * 1000));
}

function sizeOf(target) {
  return { width: Math.max(200, target.clientWidth), height: innerWidth <= 928 ? 190 : 270 };
}

const room = new ResizeObserver(() => drawn?.chart.setSize(sizeOf(drawn.target)));

matchMedia("(prefers-color-scheme: dark)").addEventListener("change", () => {
  drawn?.chart.destroy();
  drawn = undefined;
  draw();
});
document.addEventListener("tidemark:shown", draw);
draw();
