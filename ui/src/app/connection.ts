// Whether the server answers: a call without an answer raises the suspicion, one light call settles it. While it is away, tries again at growing intervals.
import type { QueryClient } from '@tanstack/react-query';
import { useSyncExternalStore } from 'react';
import { ApiError } from '../api/client';

export interface Connection {
  isOffline: boolean;
  /** When the next try comes, in milliseconds of Date.now(); null while one is under way or none is needed. */
  nextTryAt: number | null;
}

const WAITS_MS = [2_000, 4_000, 8_000, 15_000, 30_000];

/** How long to wait before the n-th try (0 is the first). */
export function waitBefore(attempt: number): number {
  return WAITS_MS[Math.min(attempt, WAITS_MS.length - 1)]!;
}

export class ConnectionWatch {
  private state: Connection = { isOffline: false, nextTryAt: null };
  private attempt = 0;
  private isChecking = false;
  private timer: ReturnType<typeof setTimeout> | undefined;
  private readonly listeners = new Set<() => void>();

  /** @param probe one light call; it rejects with an {@link ApiError} when the server does not answer. */
  constructor(
    private readonly queries: QueryClient,
    private readonly probe: () => Promise<unknown>,
  ) {}

  /** Listens to all calls. Returns the way to stop. */
  start(): () => void {
    const stop = this.queries.getQueryCache().subscribe((event) => {
      if (event.type !== 'updated') return;
      if (event.action.type === 'error' && event.action.error instanceof ApiError && event.action.error.isOffline) void this.suspect();
      // An error in words is an answer, too.
      else if (event.action.type === 'success' || (event.action.type === 'error' && event.action.error instanceof ApiError)) this.answered();
    });
    return () => {
      stop();
      clearTimeout(this.timer);
    };
  }

  readonly get = (): Connection => this.state;

  readonly subscribe = (listener: () => void): (() => void) => {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  };

  /** Now, without waiting. */
  readonly retry = async (): Promise<void> => {
    clearTimeout(this.timer);
    this.set({ isOffline: true, nextTryAt: null });
    try {
      await this.probe();
      this.answered();
    } catch (error) {
      if (error instanceof ApiError && !error.isOffline) this.answered();
      else this.schedule();
    }
  };

  /**
   * One call had no answer. That may be its own failure, as behind a proxy that gives up on slow ones: then the server is not away,
   * and asking everything anew would only make the same call fail again, for ever.
   */
  private async suspect(): Promise<void> {
    if (this.state.isOffline || this.isChecking) return;
    this.isChecking = true;
    try {
      await this.probe();
    } catch (error) {
      if (error instanceof ApiError && error.isOffline) {
        this.attempt = 0;
        this.schedule();
      }
    } finally {
      this.isChecking = false;
    }
  }

  private answered(): void {
    if (!this.state.isOffline) return;
    clearTimeout(this.timer);
    this.set({ isOffline: false, nextTryAt: null });
    // What failed meanwhile is asked again; what is on screen may be old. A list that is read page by page stays as it is: new entries come in by their own way.
    void this.queries.invalidateQueries({ predicate: (query) => query.state.status === 'error' || query.meta?.['isKept'] !== true });
  }

  private schedule(): void {
    const wait = waitBefore(this.attempt++);
    this.set({ isOffline: true, nextTryAt: Date.now() + wait });
    this.timer = setTimeout(() => void this.retry(), wait);
  }

  private set(state: Connection): void {
    this.state = state;
    for (const listener of this.listeners) listener();
  }
}

export function useConnection(watch: ConnectionWatch): Connection {
  return useSyncExternalStore(watch.subscribe, watch.get);
}
