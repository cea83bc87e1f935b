// The window of time while it moves: drawn at once by everyone who listens, written to the address when it rests.
import type { Zoom } from '../traceUrl';

/** A gesture is over when nothing has come for this long. */
export const REST_MS = 150;

export class LiveWindow {
  private readonly listeners = new Set<() => void>();
  private readonly sightListeners = new Set<() => void>();
  private sight: [number, number] = [0, 0];
  private timer: ReturnType<typeof setTimeout> | null = null;

  constructor(
    private now: Zoom,
    private whole: Zoom,
    private readonly commit: (zoom: Zoom | null, replace: boolean) => void,
  ) {}

  get current(): Zoom {
    return this.now;
  }

  get all(): Zoom {
    return this.whole;
  }

  get isWhole(): boolean {
    return this.now.fromNanos <= this.whole.fromNanos && this.now.toNanos >= this.whole.toNanos;
  }

  /** From a gesture: committed when it rests, without an entry in the history. */
  scrub(zoom: Zoom | null): void {
    this.show(zoom);
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = setTimeout(() => {
      this.timer = null;
      this.commit(zoom, true);
    }, REST_MS);
  }

  /** A step one may go back from. */
  jump(zoom: Zoom | null): void {
    this.stop();
    this.show(zoom);
    this.commit(zoom, false);
  }

  /** What the address says; it does not disturb a gesture. */
  adopt(zoom: Zoom | null, whole: Zoom): void {
    this.whole = whole;
    if (this.timer === null) this.show(zoom);
  }

  subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** First and last (exclusive) row of the trace in sight, for whoever shows where one is. */
  get inSight(): readonly [number, number] {
    return this.sight;
  }

  look(first: number, last: number): void {
    if (first === this.sight[0] && last === this.sight[1]) return;
    this.sight = [first, last];
    for (const listener of this.sightListeners) listener();
  }

  onSight = (listener: () => void): (() => void) => {
    this.sightListeners.add(listener);
    return () => this.sightListeners.delete(listener);
  };

  stop(): void {
    if (this.timer !== null) clearTimeout(this.timer);
    this.timer = null;
  }

  private show(zoom: Zoom | null): void {
    const next = zoom ?? this.whole;
    if (next.fromNanos === this.now.fromNanos && next.toNanos === this.now.toNanos) return;
    this.now = next;
    for (const listener of this.listeners) listener();
  }
}
