// Text on a canvas: measured once per string and font, cut with an ellipsis where it must be.
const MAX_CACHED = 20_000;
const ELLIPSIS = '…';

export class TextCache {
  private readonly widths = new Map<string, number>();
  private readonly fitted = new Map<string, string>();

  constructor(private readonly measure: (text: string, font: string) => number) {}

  width(text: string, font: string): number {
    const key = `${font}\n${text}`;
    let width = this.widths.get(key);
    if (width === undefined) {
      if (this.widths.size >= MAX_CACHED) this.widths.clear();
      this.widths.set(key, (width = this.measure(text, font)));
    }
    return width;
  }

  /** The text, or as much of it as fits before an ellipsis; '' when not even that does. */
  fit(text: string, font: string, room: number): string {
    if (room <= 0) return '';
    if (this.width(text, font) <= room) return text;
    const key = `${font}\n${Math.floor(room)}\n${text}`;
    let cut = this.fitted.get(key);
    if (cut === undefined) {
      if (this.fitted.size >= MAX_CACHED) this.fitted.clear();
      this.fitted.set(key, (cut = this.cut(text, font, Math.floor(room))));
    }
    return cut;
  }

  private cut(text: string, font: string, room: number): string {
    let [low, high] = [0, text.length];
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (this.measure(text.slice(0, middle) + ELLIPSIS, font) <= room) low = middle;
      else high = middle - 1;
    }
    return low > 0 ? text.slice(0, low).trimEnd() + ELLIPSIS : this.measure(ELLIPSIS, font) <= room ? ELLIPSIS : '';
  }
}
