// A canvas that is as large as its place and as sharp as the screen, drawn at most once per frame.
const SLOW_MS = 20;
const SLOW_FRAMES = 10;
const SHARP_AFTER_MS = 150;

export class Stage {
  width = 0;
  height = 0;
  private frame = 0;
  private lastDrawAt = 0;
  private slow = 0;
  private isCoarse = false;
  private sharpTimer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly draw: (context: CanvasRenderingContext2D, ratio: number) => void,
  ) {}

  /** Pixels of the canvas per CSS pixel. Rasterisers that cannot keep up with a fine screen get fewer while something moves. */
  get ratio(): number {
    return this.isCoarse ? 1 : window.devicePixelRatio || 1;
  }

  resize(width: number, height: number): void {
    this.width = width;
    this.height = height;
    this.request();
  }

  /** @param isMoving part of a scroll or drag, whose pace tells whether drawing is slow */
  request(isMoving = false): void {
    if (isMoving) this.measurePace();
    if (this.frame === 0) this.frame = requestAnimationFrame(this.drawNow);
  }

  stop(): void {
    cancelAnimationFrame(this.frame);
    this.frame = 0;
    if (this.sharpTimer !== null) clearTimeout(this.sharpTimer);
  }

  private readonly drawNow = () => {
    this.frame = 0;
    const ratio = this.ratio;
    const [width, height] = [Math.max(1, Math.round(this.width * ratio)), Math.max(1, Math.round(this.height * ratio))];
    if (this.canvas.width !== width || this.canvas.height !== height) {
      this.canvas.width = width;
      this.canvas.height = height;
    }
    const context = this.canvas.getContext('2d', { alpha: false });
    if (!context) return;
    context.setTransform(ratio, 0, 0, ratio, 0, 0);
    this.draw(context, ratio);
    this.lastDrawAt = performance.now();
  };

  private measurePace(): void {
    if (this.frame !== 0) return;
    const since = performance.now() - this.lastDrawAt;
    // A long pause is a pause, not a slow frame.
    if (since < 200) this.slow = since > SLOW_MS ? this.slow + 1 : 0;
    if (this.slow >= SLOW_FRAMES && (window.devicePixelRatio || 1) > 1) this.isCoarse = true;
    if (!this.isCoarse) return;
    if (this.sharpTimer !== null) clearTimeout(this.sharpTimer);
    this.sharpTimer = setTimeout(() => {
      this.isCoarse = false;
      this.slow = 0;
      this.request();
    }, SHARP_AFTER_MS);
  }
}
