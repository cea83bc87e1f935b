// What stands where content will be, is not, or cannot be: skeleton, empty, error.
import { CircleAlert, RotateCw, Unplug } from 'lucide-react';
import type { ReactNode } from 'react';
import { ApiError } from '../api/client';
import { Button } from './Button';
import { CopyButton } from './CopyButton';
import './states.css';

export function Skeleton({ width, height }: { width?: number | string; height?: number | string }) {
  return <span className="skeleton" style={{ width: width ?? '100%', height: height ?? 14 }} aria-hidden />;
}

export function EmptyState({ title, children, actions }: { title: string; children?: ReactNode; actions?: ReactNode }) {
  return (
    <div className="state">
      <h2 className="state-title">{title}</h2>
      {children !== undefined && <div className="state-text">{children}</div>}
      {actions !== undefined && <div className="state-actions">{actions}</div>}
    </div>
  );
}

export function ErrorState({ error, retry }: { error: unknown; retry?: (() => void) | undefined }) {
  const words = describeError(error);
  return (
    <div className="state" role="alert">
      <h2 className="state-title">
        {words.isOffline ? <Unplug aria-hidden /> : <CircleAlert aria-hidden />}
        {words.title}
      </h2>
      <div className="state-text">
        <p>{words.detail}</p>
        {words.suggestion && <p>{words.suggestion}</p>}
      </div>
      <div className="state-actions">
        {retry && (
          <Button icon={<RotateCw aria-hidden />} onClick={retry}>
            Try again
          </Button>
        )}
        {words.copy && <CopyButton label="Copy details" isWorded text={words.copy} />}
      </div>
    </div>
  );
}

export interface ErrorWords {
  title: string;
  detail: string;
  suggestion: string | null;
  /** All there is to know, for a bug report; null where that would be nothing new. */
  copy: string | null;
  isOffline: boolean;
}

/** An error in words. */
export function describeError(error: unknown): ErrorWords {
  if (!(error instanceof ApiError)) {
    const message = error instanceof Error ? error.message : String(error);
    return { title: 'Something went wrong in this page', detail: message, suggestion: null, copy: error instanceof Error && error.stack ? error.stack : message, isOffline: false };
  }
  if (error.isOffline) {
    return { title: 'The server does not answer', detail: 'It may be stopped or starting, or the network is down.', suggestion: null, copy: null, isOffline: true };
  }
  const problem = error.problem;
  const title = problem?.title || (error.status === 404 ? 'Not found' : error.status >= 500 ? 'The server failed' : 'The server refused the request');
  const parts = [
    `${error.status} ${title}`,
    error.message,
    problem?.parameter ? `parameter: ${problem.parameter}` : '',
    problem?.found ? `found: ${problem.found}` : '',
    problem?.expected ? `expected: ${problem.expected}` : '',
    `page: ${location.href}`,
  ];
  const expected = problem?.expected ? `Expected ${problem.expected}${problem.found ? `, found ${problem.found}` : ''}.` : null;
  const suggestion = problem?.suggestion ? `Did you mean ${problem.suggestion}?` : expected;
  return { title, detail: error.message, suggestion, copy: parts.filter(Boolean).join('\n'), isOffline: false };
}
