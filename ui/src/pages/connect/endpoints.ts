// Where to send spans, as seen from the browser this page is open in.
import type { Status } from '../../api/types';

export interface Endpoints {
  /** OTLP over HTTP, without /v1/traces: "http://127.0.0.1:4318". */
  http: string;
  /** OTLP over gRPC; null when the server does not listen for it. */
  grpc: string | null;
}

/** Until the server has answered, and for one that names no listener: OTLP's own ports on this host. */
export function endpointsOf(listeners: Status['listeners'], page: { hostname: string; protocol: string }): Endpoints {
  const url = (role: Status['listeners'][number]['role']) => listeners.find((one) => one.role === role)?.url;
  const http = url('otlpHttp') ?? url('http');
  const grpc = url('otlpGrpc');
  return {
    http: reachable(http ?? 'http://127.0.0.1:4318', page),
    grpc: grpc ? reachable(grpc, page) : listeners.length === 0 ? reachable('http://127.0.0.1:4317', page) : null,
  };
}

/**
 * The server names addresses of its own machine. Whoever opened this page by another name reaches it by that name; the port stays the listener's.
 * On the same machine its own words stay: "localhost" may mean IPv6 only.
 */
function reachable(url: string, page: { hostname: string; protocol: string }): string {
  const at = new URL(url);
  if (isLoopback(at.hostname) && !isLoopback(page.hostname) && page.hostname !== '') at.hostname = page.hostname;
  return at.href.replace(/\/$/, '');
}

function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '[::1]' || host === '::1' || /^127\./.test(host);
}

/** "127.0.0.1:4317": what some exporters want instead of a URL. */
export function hostAndPort(url: string): string {
  return new URL(url).host;
}
