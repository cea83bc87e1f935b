// An exception as the conventions record it: an event with exception.type, .message and .stacktrace. Pure.
import type { Attributes, SpanDetail } from '../../../api/types';

export interface RecordedException {
  type: string;
  message: string;
  stackTrace: string;
  isEscaped: boolean;
  /** What else the event carries. */
  rest: Attributes;
}

const OWN = new Set(['exception.type', 'exception.message', 'exception.stacktrace', 'exception.escaped']);

/** Null for an event that is no exception. */
export function readException(event: SpanDetail['events'][number]): RecordedException | null {
  const { attributes } = event;
  if (event.name !== 'exception' && !('exception.type' in attributes) && !('exception.stacktrace' in attributes)) return null;
  const text = (key: string) => (typeof attributes[key] === 'string' ? attributes[key] : '');
  const escaped = attributes['exception.escaped'];
  return {
    type: text('exception.type'),
    message: text('exception.message'),
    stackTrace: text('exception.stacktrace'),
    isEscaped: escaped === true || escaped === 'true',
    rest: Object.fromEntries(Object.entries(attributes).filter(([key]) => !OWN.has(key))),
  };
}
