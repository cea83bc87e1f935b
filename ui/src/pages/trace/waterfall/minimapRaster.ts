// The whole trace in one small picture: every span a line, errors over them, the critical path above all. Pixels are written straight into a buffer,
// 100,000 spans in milliseconds.
import type { TraceModel } from '../model';

export interface MinimapColours {
  /** ABGR as ImageData has it in memory, by service. */
  services: Uint32Array;
  error: number;
  /** Spans step back behind the path; the halo keeps it apart from them. Null leaves it out. */
  path: { line: number; halo: number; pale: Uint32Array } | null;
}

/** Of the path: its block, in the service's colour, and the line below that marks it, as in the rows of the waterfall. */
const LEAST_BLOCK = 3;
const MOST_BLOCK = 6;
const LINE = 2;
const CAP = 3;

/** Where a row's line stands: rows share the height evenly, few rows get thicker lines. */
export function minimapLine(row: number, count: number, height: number): { y: number; thickness: number } {
  const each = height / Math.max(1, count);
  return { y: Math.min(height - 1, Math.floor(row * each)), thickness: Math.max(1, Math.min(4, Math.floor(each - 1))) };
}

/** @param ratio device pixels per CSS pixel */
export function rasterise(model: TraceModel, width: number, height: number, colours: MinimapColours, ratio = 1): Uint32Array<ArrayBuffer> {
  const pixels = new Uint32Array(width * height);
  const length = model.length || 1;
  const line = (row: number, colour: number, least: number) => {
    const from = Math.max(0, Math.min(width - 1, Math.floor(((model.start[row]! - model.from) / length) * width)));
    const to = Math.min(width, Math.max(from + least, Math.ceil(((model.start[row]! + model.duration[row]! - model.from) / length) * width)));
    const { y, thickness } = minimapLine(row, model.count, height);
    for (let k = 0; k < thickness && y + k < height; k++) pixels.fill(colour, (y + k) * width + from, (y + k) * width + to);
  };
  const services = colours.path ? colours.path.pale : colours.services;
  for (let row = 0; row < model.count; row++) line(row, services[model.service[row]!]!, 1);
  // Errors must be seen however short they are.
  for (let row = 0; row < model.count; row++) if (model.isError(row)) line(row, colours.error, 2);
  if (colours.path) paintPath(model, pixels, width, height, colours, colours.path, ratio);
  return pixels;
}

/** Blocks tall enough to be seen among any number of rows, each over its line; all halos first, so that none bites into a neighbour. */
function paintPath(
  model: TraceModel, pixels: Uint32Array, width: number, height: number, colours: MinimapColours, path: { line: number; halo: number }, ratio: number,
): void {
  const length = model.length || 1;
  const below = Math.round(LINE * ratio);
  const block = Math.round(Math.max(LEAST_BLOCK * ratio, Math.min(MOST_BLOCK * ratio, height / Math.max(1, model.count) - below - 2 * ratio)));
  const edge = Math.max(1, Math.round(ratio));
  const topOf = (row: number) => Math.max(0, Math.min(height - block - below, minimapLine(row, model.count, height).y));
  const pixelAt = (nanos: number) => ((nanos - model.from) / length) * width;
  const fill = (colour: number, y: number, tall: number, from: number, to: number) => {
    const last = Math.min(height, y + tall);
    for (let at = Math.max(0, y); at < last; at++) pixels.fill(colour, at * width + Math.max(0, from), at * width + Math.min(width, to));
  };
  const eachSegment = (paint: (row: number, y: number, from: number, to: number) => void) => {
    for (let i = 0; i < model.pathRow.length; i++) {
      const row = model.pathRow[i]!;
      if (row < 0) continue;
      const from = Math.max(0, Math.min(width - 1, Math.floor(pixelAt(model.pathStart[i]!))));
      paint(row, topOf(row), from, Math.min(width, Math.max(from + 1, Math.ceil(pixelAt(model.pathEnd[i]!)))));
    }
  };
  // Of many segments within a pixel one is painted: what has its colour at both ends is there already.
  const isThere = (colour: number, y: number, from: number, to: number) => pixels[y * width + from] === colour && pixels[y * width + to - 1] === colour;
  eachSegment((_, y, from, to) => {
    if (!isThere(path.halo, y, from, to)) fill(path.halo, y - edge, block + below + 2 * edge, from - edge, to + edge);
  });
  eachSegment((row, y, from, to) => {
    if (isThere(path.line, Math.min(height - 1, y + block), from, to)) return;
    fill(colours.services[model.service[row]!]!, y, block, from, to);
    fill(path.line, y + block, below, from, to);
  });
  // On the upper edge: many errors must not hide whose time it is.
  for (let row = 0; row < model.count; row++) {
    if (!model.isError(row) || model.critical[row] === 0) continue;
    const from = Math.max(0, Math.min(width - 2, Math.floor(pixelAt(model.start[row]!))));
    fill(colours.error, topOf(row) - edge, 2 * edge, from, from + Math.round(CAP * ratio));
  }
}

/** "#rgb", "#rrggbb" or "rgb(r, g, b)" as a pixel with this opacity (0 to 1). Style sheets are shortened when built, so "#ffffff" may arrive as "#fff". */
export function pixelOf(colour: string, opacity = 1): number {
  const hex = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(colour)?.[1];
  const [r, g, b] = hex
    ? [0, 1, 2].map((i) => (hex.length === 3 ? parseInt(hex[i]! + hex[i]!, 16) : parseInt(hex.slice(2 * i, 2 * i + 2), 16)))
    : (/rgba?\((\d+)[,\s]+(\d+)[,\s]+(\d+)/.exec(colour)?.slice(1).map(Number) ?? [128, 128, 128]);
  return ((Math.round(opacity * 255) << 24) | (b! << 16) | (g! << 8) | r!) >>> 0;
}
