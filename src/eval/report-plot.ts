import type { Calibration } from "./report.ts";

const SIZE = 240;
const EDGE = 28;

/** How often answers of a confidence are right, with exact intervals, as SVG. On the dashed line confidence is what it says. */
export function reliabilityPlot({ bins }: Calibration): string {
  const at = (share: number): string => (EDGE + share * (SIZE - 2 * EDGE)).toFixed(1);
  const up = (share: number): string => (SIZE - EDGE - share * (SIZE - 2 * EDGE)).toFixed(1);
  const points = bins.flatMap(({ confidence, accuracy: { value, interval }, attempts }) => {
    if (confidence === null || value === null || interval === null) return [];
    const x = at(confidence);
    return [
      `<line class="interval" x1="${x}" y1="${up(interval.low)}" x2="${x}" y2="${up(interval.high)}"/>`,
      `<circle cx="${x}" cy="${up(value)}" r="3.5"><title>${attempts} answers</title></circle>`,
    ];
  });
  return [
    `<svg viewBox="0 0 ${SIZE} ${SIZE}" width="${SIZE}" height="${SIZE}" role="img" aria-label="How often answers of a confidence are right">`,
    `<rect class="frame" x="${EDGE}" y="${EDGE}" width="${SIZE - 2 * EDGE}" height="${SIZE - 2 * EDGE}"/>`,
    `<line class="even" x1="${at(0)}" y1="${up(0)}" x2="${at(1)}" y2="${up(1)}"/>`,
    ...points,
    `<text x="${SIZE / 2}" y="${SIZE - 6}" text-anchor="middle">confidence, 0 to 1</text>`,
    `<text transform="translate(14 ${SIZE / 2}) rotate(-90)" text-anchor="middle">right, 0 to 1</text>`,
    "</svg>",
  ].join("");
}

/** Light and dark, and on paper. */
export const HTML_STYLE = `
:root{color-scheme:light dark;--edge:light-dark(#d8d8dc,#3a3a40);--dim:light-dark(#5c5c66,#a6a6b0)}
body{font:14px/1.5 system-ui,sans-serif;font-variant-numeric:tabular-nums;max-width:1100px;margin:2rem auto;padding:0 1rem}
h1{font-size:1.4rem}h2{font-size:1.1rem;margin-top:2rem}h3{font-size:1rem}
.wide{overflow-x:auto}table{border-collapse:collapse;margin:.75rem 0}
th,td{text-align:left;vertical-align:top;padding:.3rem .75rem;border-bottom:1px solid var(--edge)}
thead th{color:var(--dim);font-weight:500}tbody th{font-weight:500}
code{font-family:ui-monospace,monospace;font-size:.92em}footer,.note{color:var(--dim)}
.note{border-left:3px solid var(--edge);padding-left:.75rem}
.PASS,.right{color:light-dark(#17692f,#6fd08c)}.FAIL,.wrong{color:light-dark(#b3261e,#ff8f86)}
.INCONCLUSIVE{color:light-dark(#805600,#f0bf5a)}.PASS,.FAIL,.INCONCLUSIVE{font-weight:600}.zero{color:var(--dim)}
ins,del{text-decoration:none;font-family:ui-monospace,monospace}ins{color:light-dark(#17692f,#6fd08c)}del{color:light-dark(#b3261e,#ff8f86)}
.beside{display:flex;flex-wrap:wrap;gap:1.5rem;align-items:flex-start}
svg text{font-size:10px;fill:var(--dim)}svg .frame{fill:none;stroke:var(--edge)}svg .even{stroke:var(--dim);stroke-dasharray:4 4}
svg .interval{stroke:currentColor;opacity:.5}svg circle{fill:currentColor}
`;
