// Keeps the rest of the app standing when a page fails.
import { CircleAlert, RotateCw } from 'lucide-react';
import { Component, type ErrorInfo, type ReactNode } from 'react';
import { Button } from '../design/Button';
import { CopyButton } from '../design/CopyButton';

interface State {
  error: Error | null;
  where: string;
}

/** A change of `resetKey` (the address) lets the page try again. */
export class ErrorBoundary extends Component<{ resetKey: string; children: ReactNode }, State> {
  override state: State = { error: null, where: '' };

  static getDerivedStateFromError(error: unknown): Partial<State> {
    return { error: error instanceof Error ? error : new Error(String(error)) };
  }

  override componentDidCatch(_error: Error, info: ErrorInfo): void {
    this.setState({ where: info.componentStack ?? '' });
  }

  override componentDidUpdate(before: { resetKey: string }): void {
    if (before.resetKey !== this.props.resetKey && this.state.error) this.setState({ error: null, where: '' });
  }

  override render(): ReactNode {
    const { error, where } = this.state;
    if (!error) return this.props.children;
    // After an upgrade of the server the old page asks for files that are gone.
    const isStale = /dynamically imported module|module script failed|Importing a module/i.test(error.message);
    return (
      <main className="page-failed">
        <div className="state" role="alert">
          <h1 className="state-title">
            <CircleAlert aria-hidden />
            {isStale ? 'This page could not be loaded' : 'This page has failed'}
          </h1>
          <div className="state-text">
            <p>{isStale ? 'The server may have been upgraded. Loading anew usually helps.' : error.message}</p>
          </div>
          <div className="state-actions">
            <Button variant="primary" icon={<RotateCw aria-hidden />} onClick={() => location.reload()}>
              Load anew
            </Button>
            <CopyButton label="Copy details" isWorded text={() => [`${location.href}`, navigator.userAgent, error.stack ?? error.message, where].join('\n')} />
          </div>
        </div>
      </main>
    );
  }
}
