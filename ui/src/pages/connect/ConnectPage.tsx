// How to send spans here, and whether any have come. Also what a new server shows first.
import { Link } from 'wouter';
import { CopyButton, PageHeader } from '../../design';
import { endpointsOf, type Endpoints } from './endpoints';
import { Listener, useLiveStatus } from './Listener';
import { Snippet } from './Snippet';
import { LANGUAGES, languageOf } from './snippets';
import './connect.css';

export default function ConnectPage({ language }: { language: string | null }) {
  const status = useLiveStatus();
  const to = endpointsOf(status.data?.listeners ?? [], window.location);
  const isFirstRun = status.data?.store.spanCount === 0;
  const chosen = languageOf(language);
  return (
    <main className="connect">
      <PageHeader title="Connect" />
      <div className="connect-body">
        <div className="connect-top">
          <div className="connect-intro">
            <h2>{isFirstRun ? 'Two minutes to your first trace' : 'Send traces here'}</h2>
            <p>
              Waymark takes OpenTelemetry spans over OTLP. Choose a language, copy what stands there, start your service and click something in it.
              {isFirstRun ? ' The trace appears beside this text, and from then on in the list of traces.' : ''}
            </p>
            <EndpointList to={to} />
            <p className="connect-demo">
              No application at hand? <code>./run --demo</code> instead of <code>./run</code> starts Waymark with a small shop that sends traces: click in it and watch.
            </p>
          </div>
          <Listener />
        </div>
        <div className="connect-languages">
          <nav aria-label="Language">
            <ul>
              {LANGUAGES.map((one) => (
                <li key={one.id}>
                  <Link href={`/connect/${one.id}`} replace className="connect-language" aria-current={one === chosen ? 'page' : undefined}>
                    {one.label}
                  </Link>
                </li>
              ))}
            </ul>
          </nav>
          <article className="connect-steps" aria-label={chosen.label}>
            <h2>{chosen.label}</h2>
            {chosen.steps(to).map((step) => (
              <Snippet key={step.title} step={step} />
            ))}
          </article>
        </div>
      </div>
    </main>
  );
}

function EndpointList({ to }: { to: Endpoints }) {
  return (
    <dl className="connect-endpoints">
      {[
        ['OTLP/HTTP', to.http],
        ['OTLP/gRPC', to.grpc],
      ].map(
        ([name, url]) =>
          url && (
            <div key={name}>
              <dt>{name}</dt>
              <dd>
                <code>{url}</code>
                <CopyButton text={url} label={`Copy the ${name} address`} />
              </dd>
            </div>
          ),
      )}
    </dl>
  );
}
