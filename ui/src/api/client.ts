// Talks to the native API: one function that fetches, one error type that says what went wrong in words.
import type { Problem } from './types';

/** A failed call. `status` is 0 when no answer came: the server is down or the network is. */
export class ApiError extends Error {
  constructor(
    readonly status: number,
    message: string,
    readonly problem: Problem | null = null,
  ) {
    super(message);
    this.name = 'ApiError';
  }

  get isOffline(): boolean {
    return this.status === 0;
  }
}

export type Parameters = Record<string, string | number | readonly string[] | null | undefined>;

/** The address of an API path, below wherever the server is mounted. Empty and absent parameters are left out; arrays repeat. */
export function apiUrl(path: string, parameters: Parameters = {}): string {
  const query = new URLSearchParams();
  for (const [name, value] of Object.entries(parameters)) {
    if (value === null || value === undefined) continue;
    for (const one of Array.isArray(value) ? value : [value]) query.append(name, String(one));
  }
  const text = query.toString();
  return `api/v1/${path}${text ? `?${text}` : ''}`;
}

/** GETs JSON. Rejects with an {@link ApiError}, or an AbortError when `signal` says so. */
export async function getJson<T>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<T> {
  return (await getDated<T>(path, parameters, signal)).body;
}

/** As {@link getJson}, with what the server's clock said: its Date header in milliseconds, null without one. */
export async function getDated<T>(path: string, parameters?: Parameters, signal?: AbortSignal): Promise<{ body: T; serverMillis: number | null }> {
  let answer: Response;
  try {
    answer = await fetch(apiUrl(path, parameters), { headers: { accept: 'application/json' }, ...(signal ? { signal } : {}) });
  } catch (error) {
    if (error instanceof DOMException && error.name === 'AbortError') throw error;
    throw new ApiError(0, 'The server did not answer.');
  }
  if (answer.ok) {
    const millis = Date.parse(answer.headers.get('date') ?? '');
    return { body: (await answer.json()) as T, serverMillis: Number.isNaN(millis) ? null : millis };
  }
  const problem = await readProblem(answer);
  throw new ApiError(answer.status, problem?.detail ?? `The server answered ${answer.status}.`, problem);
}

async function readProblem(answer: Response): Promise<Problem | null> {
  try {
    const body: unknown = await answer.json();
    return typeof body === 'object' && body !== null && 'detail' in body ? (body as Problem) : null;
  } catch {
    return null;
  }
}
