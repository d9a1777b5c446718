// Charts of metrics over steps, drawn by uPlot. Nothing is smoothed: what is drawn is what was measured.
import uPlot from "../vendor/uplot/uPlot.esm.js";

const HEIGHT = 190;
const COLOURS = ["--accent", "--tie", "--good", "--warn"];

/**
 * @typedef {{metric: string, points?: boolean, low?: string, high?: string}} Line
 * @typedef {{figure: HTMLElement, plot: HTMLElement, lines: Line[], chart: uPlot | null}} Panel
 */

/** All charts of a page over one set of rows, with one crosshair. */
export class Curves {
  /** @param {HTMLElement} root */
  constructor(root) {
    this.stepLabel = root.dataset.stepLabel ?? "step";
    /** @type {Map<number, Record<string, number>>} */
    this.rows = new Map();
    /** @type {number[]} */
    this.steps = [];
    this.scheduled = false;
    this.sync = uPlot.sync("steps");
    /** @type {Panel[]} */
    this.panels = [...root.querySelectorAll("figure[data-series]")].map((figure) => ({
      figure: /** @type {HTMLElement} */ (figure),
      plot: /** @type {HTMLElement} */ (figure.querySelector(".plot")),
      lines: JSON.parse(figure.getAttribute("data-series") ?? "[]"),
      chart: null,
    }));
    const resized = new ResizeObserver((entries) => {
      for (const entry of entries) {
        const panel = this.panels.find(({ plot }) => plot === entry.target);
        const width = Math.floor(entry.contentRect.width);
        if (panel?.chart && width > 0 && width !== panel.chart.width) panel.chart.setSize({ width, height: HEIGHT });
      }
    });
    for (const panel of this.panels) {
      resized.observe(panel.plot);
      panel.plot.addEventListener("keydown", (event) => this.#moveByKey(panel, event));
      panel.plot.addEventListener("blur", () => this.#leave(panel));
    }
    // Colours come from the tokens, so a change of theme draws everything anew.
    const repaint = () => {
      for (const panel of this.panels) {
        panel.chart?.destroy();
        panel.chart = null;
      }
      this.#schedule();
    };
    document.addEventListener("rankloop:theme", repaint);
    matchMedia("(prefers-color-scheme: dark)").addEventListener("change", repaint);
  }

  get empty() { return this.rows.size === 0 }

  /** Takes rows in, in any order and as often as they come. @param {{step: number, metrics: Record<string, number>}[]} rows */
  add(rows) {
    for (const { step, metrics } of rows) {
      if (!this.rows.has(step)) this.steps.push(step);
      this.rows.set(step, metrics);
    }
    this.#schedule();
  }

  #schedule() {
    if (this.scheduled) return;
    this.scheduled = true;
    requestAnimationFrame(() => {
      this.scheduled = false;
      this.steps.sort((a, b) => a - b);
      for (const panel of this.panels) this.#draw(panel);
    });
  }

  /** @param {Panel} panel */
  #draw(panel) {
    const present = panel.lines.filter((line) => this.#has(line.metric));
    panel.figure.hidden = present.length === 0;
    if (present.length === 0) return;
    const columns = columnsOf(present);
    const data = [this.steps, ...columns.map((name) => this.steps.map((step) => this.rows.get(step)?.[name] ?? null))];
    // A metric that shows up later needs a line of its own: the chart is made anew.
    if (panel.chart && panel.chart.series.length !== columns.length + 1) {
      panel.chart.destroy();
      panel.chart = null;
    }
    if (panel.chart) {
      const zoomed = panel.chart.scales.x.max < /** @type {number} */ (panel.chart.data[0].at(-1));
      panel.chart.setData(data, !zoomed);
      if (zoomed) panel.chart.redraw();
    } else {
      panel.chart = new uPlot(this.#options(panel, present), data, panel.plot);
    }
    if (panel.chart.cursor.idx == null) showLast(panel.chart);
  }

  /** @param {string} metric */
  #has(metric) {
    for (const metrics of this.rows.values()) if (metric in metrics) return true;
    return false;
  }

  /** @param {Panel} panel @param {Line[]} lines */
  #options(panel, lines) {
    const ink = colour("--ink-2"), grid = colour("--line"), paper = colour("--card");
    const axis = { stroke: ink, grid: { stroke: grid, width: 1 }, ticks: { show: false }, font: "11px system-ui, sans-serif" };
    const series = [{ label: this.stepLabel, value: (_, v) => v ?? "–" }];
    const bands = [];
    lines.forEach((line, i) => {
      const stroke = colour(COLOURS[i % COLOURS.length]);
      series.push({
        label: line.metric, stroke, width: 1.5, spanGaps: true,
        points: line.points ? { show: true, size: 6, fill: paper, stroke, width: 1.5 } : { show: (u) => u.data[0].length < 3 },
        value: line.low ? (u, v, column, at) => within(u, v, column, at) : (_, v) => figures(v),
      });
      if (line.low && line.high) {
        const edge = { stroke: "transparent", spanGaps: true, points: { show: false }, class: "edge" };
        series.push({ ...edge, label: line.high }, { ...edge, label: line.low });
        bands.push({ series: [series.length - 2, series.length - 1], fill: translucent(stroke) });
      }
    });
    return {
      width: Math.max(200, Math.floor(panel.plot.clientWidth)), height: HEIGHT,
      scales: { x: { time: false } },
      axes: [
        { ...axis, size: 28, incrs: [1, 2, 5, 10, 20, 50, 100, 200, 500, 1e3, 2e3, 5e3, 1e4, 2e4, 5e4, 1e5, 1e6] },
        { ...axis, size: 52, values: (_, ticks) => ticks.map(figures) },
      ],
      series, bands,
      cursor: { sync: { key: this.sync.key }, y: false, focus: { prox: 24 }, points: { size: 7 } },
      focus: { alpha: 0.35 },
      legend: { live: true },
      hooks: { setCursor: [(u) => { if (u.cursor.idx == null) showLast(u) }] },
    };
  }

  /** The crosshair by keyboard: a step, ten steps, the ends. @param {Panel} panel @param {KeyboardEvent} event */
  #moveByKey(panel, event) {
    const chart = panel.chart;
    const moves = { ArrowLeft: -1, ArrowRight: 1, PageUp: -10, PageDown: 10, Home: -Infinity, End: Infinity };
    const move = moves[event.key];
    if (!chart || move === undefined || event.ctrlKey || event.metaKey || event.altKey) return;
    event.preventDefault();
    const last = this.steps.length - 1;
    const index = Math.min(last, Math.max(0, (chart.cursor.idx ?? last) + move));
    const left = chart.valToPos(this.steps[index], "x");
    for (const other of this.panels) other.chart?.setCursor({ left, top: HEIGHT / 3 }, true, false);
  }

  /** @param {Panel} panel */
  #leave(panel) {
    if (panel.plot.matches(":hover")) return;
    for (const other of this.panels) other.chart?.setCursor({ left: -10, top: -10 }, true, false);
  }
}

/** The metrics of lines, in the order of the chart's series. @param {Line[]} lines */
function columnsOf(lines) {
  return lines.flatMap((line) => (line.low && line.high ? [line.metric, line.high, line.low] : [line.metric]));
}

/** Without a crosshair the legend shows where each line has come to. @param {uPlot} chart */
function showLast(chart) {
  const idxs = chart.data.map((values) => {
    let i = values.length - 1;
    while (i > 0 && values[i] == null) i--;
    return i;
  });
  if (idxs[0] >= 0) chart.setLegend({ idxs }, false);
}

/** A value with the interval around it: its edges are the two columns that follow. @param {uPlot} u */
function within(u, value, column, at) {
  if (value == null || at == null) return figures(value);
  return `${figures(value)} (${figures(u.data[column + 2][at])}–${figures(u.data[column + 1][at])})`;
}

/** Four significant digits. @param {number | null} value */
function figures(value) {
  if (value == null) return "–";
  const size = Math.abs(value);
  if (value !== 0 && (size < 1e-3 || size >= 1e6)) return value.toExponential(2).replace("e-", "e−").replace("e+", "e");
  return String(Number(value.toPrecision(4)));
}

const probe = document.createElement("span");
probe.hidden = true;
document.body.append(probe);

/** A token as a colour that a canvas understands. @param {string} token */
function colour(token) {
  probe.style.color = `var(${token})`;
  return getComputedStyle(probe).color;
}

/** @param {string} rgb as getComputedStyle gives it */
function translucent(rgb) {
  return rgb.replace(/^rgb\((.*)\)$/, "rgba($1, 0.14)");
}
