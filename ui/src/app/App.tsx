// The app: what every page has around it, and which page stands at which address.
import { QueryClient, QueryClientProvider } from '@tanstack/react-query';
import { lazy, Suspense } from 'react';
import { Redirect, Route, Router, Switch } from 'wouter';
import { ApiError } from '../api/client';
import { Skeleton } from '../design/States';
import { useDelayed } from '../design/useDelayed';
import { NotFound } from './NotFound';
import { Shell } from './Shell';

const ExplorePage = lazy(() => import('../pages/explore/ExplorePage'));
const TracePage = lazy(() => import('../pages/trace/TracePage'));
const ConnectPage = lazy(() => import('../pages/connect/ConnectPage'));

const queries = new QueryClient({
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      // The server may be on this very machine: being without a network says nothing about it.
      networkMode: 'always',
      refetchOnWindowFocus: false,
      // A wrong request stays wrong; a hiccup may pass. Once and soon: an outage is the connection's business, and an error is better read than waited for.
      retry: (count, error) => count < 1 && error instanceof ApiError && (error.isOffline || error.status >= 500),
      retryDelay: 400,
    },
  },
});

/** Where the server is mounted: "" at the root, else like "/waymark". */
const base = new URL(document.baseURI).pathname.replace(/\/$/, '');

export function App() {
  return (
    <QueryClientProvider client={queries}>
      <Router base={base}>
        <Shell>
          <Suspense fallback={<PageLoading />}>
            <Switch>
              <Route path="/">
                <Redirect to="/explore" replace />
              </Route>
              <Route path="/explore" component={ExplorePage} />
              <Route path="/trace/:id">{({ id }) => <TracePage key={id} traceId={id} />}</Route>
              <Route path="/connect/:language?">{({ language }) => <ConnectPage language={language ?? null} />}</Route>
              <Route component={NotFound} />
            </Switch>
          </Suspense>
        </Shell>
      </Router>
    </QueryClientProvider>
  );
}

function PageLoading() {
  const late = useDelayed(true);
  return (
    <main className="page-loading" aria-busy>
      {late && (
        <>
          <h1 className="sr-only">Loading</h1>
          <Skeleton width={220} height={24} />
          <Skeleton height={120} />
          <Skeleton height={320} />
        </>
      )}
    </main>
  );
}
