// What bars are filled with: a service's colour, hatched for the second eight, and paler stripes for waiting.
import type { ServiceColour } from '../../../colours/services';
import type { Tokens } from '../../../design/theme';

export type Fill = string | CanvasPattern;

export interface Fills {
  services: Fill[];
  /** The same without a hatch, for outlines. */
  plain: string[];
  /** Time a client waits that no span of the callee explains. */
  waits: Fill[];
  /** Of groups that mix services. */
  mixed: Fill;
}

const TILE = 8;

export function makeFills(context: CanvasRenderingContext2D, tokens: Tokens, colours: readonly ServiceColour[], ratio: number): Fills {
  const colourOf = (colour: ServiceColour) => tokens.services[colour.slot] ?? tokens.muted;
  return {
    services: colours.map((colour) => (colour.hatched ? stripes(context, colourOf(colour), tokens.bg, 1, 0.28, ratio) : colourOf(colour))),
    plain: colours.map(colourOf),
    waits: colours.map((colour) => stripes(context, colourOf(colour), tokens.bg, -1, 0.62, ratio)),
    mixed: tokens.control,
  };
}

/** Diagonals of `gap` over `colour`; `share` of the tile is gap. */
function stripes(context: CanvasRenderingContext2D, colour: string, gap: string, slope: 1 | -1, share: number, ratio: number): Fill {
  const tile = document.createElement('canvas');
  tile.width = tile.height = Math.round(TILE * ratio);
  const pen = tile.getContext('2d');
  if (!pen) return colour;
  pen.scale(tile.width / TILE, tile.height / TILE);
  pen.fillStyle = colour;
  pen.fillRect(0, 0, TILE, TILE);
  pen.strokeStyle = gap;
  pen.lineWidth = (TILE * share) / Math.SQRT2;
  pen.beginPath();
  for (const shift of [-TILE, 0, TILE]) {
    pen.moveTo(shift - 1, slope > 0 ? TILE + 1 : -1);
    pen.lineTo(shift + TILE + 1, slope > 0 ? -1 : TILE + 1);
  }
  pen.stroke();
  const pattern = context.createPattern(tile, 'repeat');
  pattern?.setTransform(new DOMMatrix().scale(TILE / tile.width, TILE / tile.height));
  return pattern ?? colour;
}
