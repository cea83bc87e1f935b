// An address that leads nowhere.
import { Link, useLocation } from 'wouter';
import { EmptyState } from '../design/States';
import { PageHeader } from '../design/PageHeader';

export function NotFound() {
  const [path] = useLocation();
  return (
    <main>
      <PageHeader title="There is no such page" />
      <EmptyState
        title={path}
        actions={
          <>
            <Link href="/explore" className="button button-primary">
              Explore traces
            </Link>
            <Link href="/connect" className="button button-plain">
              Connect an application
            </Link>
          </>
        }
      >
        Nothing is at this address. An address of a trace looks like <code>/trace/0af7651916cd43dd8448eb211c80319c</code>.
      </EmptyState>
    </main>
  );
}
