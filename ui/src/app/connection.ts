// Whether the server answers, judged by the calls the pages make anyway; while it does not, tries again at growing intervals.
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
      if (event.action.type === 'error' && event.action.error instanceof ApiError && event.action.error.isOffline) this.lost();
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

  private lost(): void {
    if (this.state.isOffline) return;
    this.attempt = 0;
    this.schedule();
  }

  private answered(): void {
    if (!this.state.isOffline) return;
    clearTimeout(this.timer);
    this.set({ isOffline: false, nextTryAt: null });
    // What failed meanwhile is asked again; what is on screen may be old.
    void this.queries.invalidateQueries();
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
