// The whole trace in one small picture: every span a line, errors over them. Pixels are written straight into a buffer, 100,000 spans in milliseconds.
import type { TraceModel } from '../model';

export interface MinimapColours {
  /** ABGR as ImageData has it in memory, by service. */
  services: Uint32Array;
  error: number;
  /** The path and what keeps it apart from the spans; null leaves it out. */
  path: { line: number; halo: number } | null;
}

/** Where a row's line stands: rows share the height evenly, few rows get thicker lines. */
export function minimapLine(row: number, count: number, height: number): { y: number; thickness: number } {
  const each = height / Math.max(1, count);
  return { y: Math.min(height - 1, Math.floor(row * each)), thickness: Math.max(1, Math.min(4, Math.floor(each - 1))) };
}

export function rasterise(model: TraceModel, width: number, height: number, colours: MinimapColours): Uint32Array<ArrayBuffer> {
  const pixels = new Uint32Array(width * height);
  const length = model.length || 1;
  const line = (row: number, colour: number, least: number) => {
    const from = Math.max(0, Math.min(width - 1, Math.floor(((model.start[row]! - model.from) / length) * width)));
    const to = Math.min(width, Math.max(from + least, Math.ceil(((model.start[row]! + model.duration[row]! - model.from) / length) * width)));
    const { y, thickness } = minimapLine(row, model.count, height);
    for (let k = 0; k < thickness && y + k < height; k++) pixels.fill(colour, (y + k) * width + from, (y + k) * width + to);
  };
  for (let row = 0; row < model.count; row++) line(row, colours.services[model.service[row]!]!, 1);
  // Errors must be seen however short they are.
  for (let row = 0; row < model.count; row++) if (model.isError(row)) line(row, colours.error, 2);
  if (colours.path) paintPath(model, pixels, width, height, colours.path);
  return pixels;
}

/** The critical path over everything: each segment below its row where there is room, on it where there is not; all halos first. */
function paintPath(model: TraceModel, pixels: Uint32Array, width: number, height: number, { line, halo }: { line: number; halo: number }): void {
  const length = model.length || 1;
  const isRoomy = height >= 2 * model.count;
  for (const [colour, above, below] of isRoomy ? ([[line, 0, 1]] as const) : ([[halo, 1, 3], [line, 0, 2]] as const)) {
    for (let i = 0; i < model.pathRow.length; i++) {
      const row = model.pathRow[i]!;
      if (row < 0) continue;
      const from = Math.max(0, Math.min(width - 1, Math.floor(((model.pathStart[i]! - model.from) / length) * width)));
      const to = Math.min(width, Math.max(from + 1, Math.ceil(((model.pathEnd[i]! - model.from) / length) * width)));
      const place = minimapLine(row, model.count, height);
      const y = isRoomy ? place.y + place.thickness : place.y;
      for (let at = Math.max(0, y - above); at < Math.min(height, y + below); at++) pixels.fill(colour, at * width + from, at * width + to);
    }
  }
}

/** "#rrggbb" or "rgb(r, g, b)" as a pixel with this opacity (0 to 1). */
export function pixelOf(colour: string, opacity = 1): number {
  const hex = /^#([0-9a-f]{6})$/i.exec(colour)?.[1];
  const [r, g, b] = hex
    ? [0, 2, 4].map((i) => parseInt(hex.slice(i, i + 2), 16))
    : (/rgba?\((\d+)[,\s]+(\d+)[,\s]+(\d+)/.exec(colour)?.slice(1).map(Number) ?? [128, 128, 128]);
  return ((Math.round(opacity * 255) << 24) | (b! << 16) | (g! << 8) | r!) >>> 0;
}
