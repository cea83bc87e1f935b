// OpenTelemetry's SDK for the web: a trace begins with the click, and the shop's answer is part of it.
import { context, propagation, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type { Context, Span, Tracer } from '@opentelemetry/api';
import { W3CTraceContextPropagator } from '@opentelemetry/core';
import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';
import { resourceFromAttributes } from '@opentelemetry/resources';
import { BatchSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { WebTracerProvider } from '@opentelemetry/sdk-trace-web';

/** Without an address nothing is recorded, and everything else works as before. */
export function startTelemetry(otlpUrl: string | undefined, release: string): Tracer {
  if (otlpUrl) {
    const provider = new WebTracerProvider({
      resource: resourceFromAttributes({
        'service.name': 'shop-web',
        'service.namespace': 'checkout',
        'service.version': release,
        'deployment.environment.name': 'demo',
        'user_agent.original': navigator.userAgent,
        'browser.language': navigator.language,
      }),
      spanProcessors: [new BatchSpanProcessor(new OTLPTraceExporter({ url: new URL('v1/traces', otlpUrl).href }), { scheduledDelayMillis: 300 })],
    });
    provider.register({ propagator: new W3CTraceContextPropagator() });
  }
  return trace.getTracer('shop-web', release);
}

/** Runs something a user did as a span, and ends it whatever happens. What goes wrong is recorded and thrown on. */
export async function traced<T>(tracer: Tracer, name: string, run: (span: Span, within: Context) => Promise<T>): Promise<T> {
  const span = tracer.startSpan(name);
  try {
    return await run(span, trace.setSpan(context.active(), span));
  } catch (error) {
    if (error instanceof Error) {
      span.recordException(error);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    }
    throw error;
  } finally {
    span.end();
  }
}

/** `fetch` as a client span below `within`; the `traceparent` header makes the server's spans its children. */
export async function tracedFetch(tracer: Tracer, within: Context, method: string, path: string, headers: Record<string, string> = {}, body?: string): Promise<Response> {
  const span = tracer.startSpan(
    `${method} ${path}`,
    {
      kind: SpanKind.CLIENT,
      attributes: {
        'http.request.method': method,
        'url.full': new URL(path, location.href).href,
        'url.template': path,
        'server.address': location.hostname,
        'server.port': Number(location.port),
      },
    },
    within,
  );
  const sent = { ...headers };
  propagation.inject(trace.setSpan(within, span), sent);
  try {
    const response = await fetch(path, { method, headers: sent, ...(body === undefined ? {} : { body }) });
    span.setAttribute('http.response.status_code', response.status);
    if (response.status >= 400) {
      span.setAttribute('error.type', String(response.status));
      span.setStatus({ code: SpanStatusCode.ERROR });
    }
    return response;
  } catch (error) {
    if (error instanceof Error) {
      span.recordException(error);
      span.setAttribute('error.type', error.name);
      span.setStatus({ code: SpanStatusCode.ERROR, message: error.message });
    }
    throw error;
  } finally {
    span.end();
  }
}
