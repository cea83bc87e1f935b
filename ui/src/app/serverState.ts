// How the server is doing, in a word and a sentence.
import { useQuery } from '@tanstack/react-query';
import { getJson, type ApiError } from '../api/client';
import type { Status } from '../api/types';

export const STATUS_KEY = ['status'] as const;
const POLL_MS = 15_000;

export interface ServerState {
  tone: 'ok' | 'warn' | 'error' | 'unknown';
  word: string;
  sentence: string;
}

export function useStatus() {
  return useQuery<Status, ApiError>({ queryKey: STATUS_KEY, queryFn: ({ signal }) => getJson<Status>('status', {}, signal), refetchInterval: POLL_MS, staleTime: POLL_MS });
}

export function serverState(status: Status | undefined, isOffline: boolean): ServerState {
  if (isOffline) return { tone: 'error', word: 'Offline', sentence: 'The server does not answer.' };
  if (!status) return { tone: 'unknown', word: 'Asking…', sentence: 'Asking the server how it is.' };
  if (!status.acceptsWrites) return { tone: 'error', word: 'Read only', sentence: status.readOnlyReason ?? 'New spans are refused.' };
  if (status.alarms.length > 0) return { tone: 'warn', word: 'Attention', sentence: status.alarms.join('\n') };
  return { tone: 'ok', word: 'Healthy', sentence: 'The server takes spans and answers.' };
}
