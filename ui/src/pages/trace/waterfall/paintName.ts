// The name cell of a row: guides, toggle, service dot, service and operation, and at the right what is folded away and whether it failed.
import { formatCount } from '../../../format/count';
import { GROUP_KINDS } from './fold';
import { indentOf, INDENT, NAME_PADDING, TOGGLE_WIDTH } from './geometry';
import type { Scene } from './paint';
import { OPENING } from './rows';

const DOT = 4;
const ICON = 7;

export function paintName(context: CanvasRenderingContext2D, scene: Scene, entry: number, top: number): void {
  const { rows, frame, tokens, fonts, text, facts, model, plan } = scene;
  const code = rows.code[entry]!;
  const middle = top + frame.rowHeight / 2;
  const { x, deeper } = indentOf(rows.depth[entry]!, frame.nameWidth);
  paintGuides(context, scene, x, top);
  if (rows.opening[entry] !== OPENING.none) paintToggle(context, scene, x + TOGGLE_WIDTH / 2, middle, rows.opening[entry] === OPENING.open);
  let left = x + TOGGLE_WIDTH + DOT;
  if (deeper > 0) left = paintDeeper(context, scene, x + TOGGLE_WIDTH, middle, deeper) + DOT + 4;
  let right = frame.nameWidth - 8;
  right = paintMarks(context, scene, entry, right, middle);

  const group = code < 0 ? facts.group(~code) : null;
  const isMissing = group !== null && plan.groups.kind[~code]! >= GROUP_KINDS.missingParent;
  const service = group ? group.service : model.service[code]!;
  if (!isMissing) paintDot(context, scene, left, middle, service);
  left += DOT + 7;
  const put = (what: string, font: string, colour: string) => {
    const fitted = text.fit(what, font, right - left);
    if (!fitted) return;
    context.font = font;
    context.fillStyle = colour;
    context.fillText(fitted, left, middle + 0.5);
    left += text.width(fitted, font);
  };
  if (group && isMissing) {
    put(group.name, fonts.regular, tokens.warn);
    return;
  }
  if (group) put(`${formatCount(group.size)} × `, fonts.strong, tokens.text);
  const serviceName = service >= 0 ? (model.layout.services[service] ?? '') : '';
  if (serviceName) put(`${serviceName} · `, fonts.regular, tokens.muted);
  put(group ? group.name : model.spanName(code), code === scene.selectedCode ? fonts.strong : fonts.regular, tokens.text);
}

function paintGuides(context: CanvasRenderingContext2D, scene: Scene, x: number, top: number): void {
  context.fillStyle = scene.tokens.border;
  for (let at = NAME_PADDING; at < x; at += INDENT) context.fillRect(at + TOGGLE_WIDTH / 2, top, 1, scene.frame.rowHeight);
}

function paintToggle(context: CanvasRenderingContext2D, scene: Scene, x: number, y: number, isOpen: boolean): void {
  context.strokeStyle = isOpen ? scene.tokens.muted : scene.tokens.text;
  context.lineWidth = 1.5;
  context.beginPath();
  if (isOpen) {
    context.moveTo(x - 4, y - 2);
    context.lineTo(x, y + 2);
    context.lineTo(x + 4, y - 2);
  } else {
    context.moveTo(x - 2, y - 4);
    context.lineTo(x + 2, y);
    context.lineTo(x - 2, y + 4);
  }
  context.stroke();
}

/** How many levels deeper than shown. Returns where it ends. */
function paintDeeper(context: CanvasRenderingContext2D, scene: Scene, x: number, y: number, deeper: number): number {
  const { tokens, fonts, text } = scene;
  const label = `+${formatCount(deeper)}`;
  const width = text.width(label, fonts.small) + 8;
  context.fillStyle = tokens.raised;
  context.fillRect(x, y - 8, width, 16);
  context.font = fonts.small;
  context.fillStyle = tokens.muted;
  context.fillText(label, x + 4, y + 0.5);
  return x + width;
}

function paintDot(context: CanvasRenderingContext2D, scene: Scene, x: number, y: number, service: number): void {
  const { tokens, fills } = scene;
  const isHollow = service < 0 || tokens.isForced;
  const fill = fills.services[service] ?? tokens.control;
  // Moved to, so that a hatch falls alike on every dot.
  context.translate(x, y);
  context.beginPath();
  context.arc(0, 0, isHollow || typeof fill === 'string' ? DOT : DOT - 0.5, 0, 2 * Math.PI);
  context.strokeStyle = isHollow ? tokens.control : (fills.plain[service] ?? tokens.control);
  context.lineWidth = isHollow ? 1.5 : 1;
  if (!isHollow) {
    context.fillStyle = fill;
    context.fill();
  }
  if (isHollow || typeof fill !== 'string') context.stroke();
  context.translate(-x, -y);
}

/** At the right: the error sign in a column of its own, before it how many spans are folded away. Returns where names must end. */
function paintMarks(context: CanvasRenderingContext2D, scene: Scene, entry: number, right: number, y: number): number {
  const { rows, model, facts, tokens, fonts, text, matches } = scene;
  const code = rows.code[entry]!;
  const isClosed = rows.opening[entry] === OPENING.closed;
  const isError = code >= 0 && model.isError(code);
  const hidesError = isClosed && (code >= 0 ? facts.errorsIn(code) > (isError ? 1 : 0) : facts.group(~code).errors > 0);
  if (isError || hidesError) paintError(context, scene, right - ICON, y, isError);
  let end = right - 2 * ICON - 6;
  if (isClosed && code >= 0) {
    const label = `+${formatCount(model.subtreeEnd[code]! - code - 1)}`;
    const width = text.width(label, fonts.small);
    context.font = fonts.small;
    context.fillStyle = tokens.muted;
    context.fillText(label, end - width, y + 0.5);
    end -= width + 8;
  }
  if (isClosed && matches) {
    const found = facts.matchesIn(matches, code) - (code >= 0 ? matches[code]! : 0);
    if (found > 0) {
      context.fillStyle = tokens.warn;
      context.fillRect(end - 6, y - 3, 6, 6);
      end -= 14;
    }
  }
  return end;
}

/** A disc with "!" for the span's own error, a ring for errors folded away. */
function paintError(context: CanvasRenderingContext2D, scene: Scene, x: number, y: number, isOwn: boolean): void {
  const { tokens } = scene;
  context.beginPath();
  context.arc(x, y, ICON - (isOwn ? 0.5 : 1), 0, 2 * Math.PI);
  if (isOwn) {
    context.fillStyle = tokens.error;
    context.fill();
  } else {
    context.strokeStyle = tokens.error;
    context.lineWidth = 1.5;
    context.stroke();
  }
  context.fillStyle = isOwn ? tokens.bg : tokens.error;
  context.fillRect(x - 0.9, y - 3.7, 1.8, 4.4);
  context.fillRect(x - 0.9, y + 1.9, 1.8, 1.8);
}
