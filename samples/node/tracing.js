// Sets up OpenTelemetry before the service's own code loads: `node --require ./tracing.js shop.js`.
'use strict';

const { NodeSDK } = require('@opentelemetry/sdk-node');
const { getNodeAutoInstrumentations } = require('@opentelemetry/auto-instrumentations-node');
const { OTLPTraceExporter } = require('@opentelemetry/exporter-trace-otlp-http');
const { ParentBasedSampler, TraceIdRatioBasedSampler } = require('@opentelemetry/sdk-trace-base');

const sdk = new NodeSDK({
  // The bare address, as many set-ups give it: the exporter posts to it as it stands, without /v1/traces.
  traceExporter: new OTLPTraceExporter({
    url: process.env.OTEL_EXPORTER_OTLP_ENDPOINT ?? 'http://127.0.0.1:4318',
  }),
  // A share of new traces; services further down follow the decision made at the root.
  sampler: new ParentBasedSampler({
    root: new TraceIdRatioBasedSampler(Number(process.env.SAMPLE_RATIO ?? '1')),
  }),
  instrumentations: [
    getNodeAutoInstrumentations({
      '@opentelemetry/instrumentation-fs': { enabled: false },
      // shop.js writes the context into the headers of `fetch` itself. With this on as well, the request would carry two
      // `traceparent` headers, the receiver would believe neither, and the trace would fall apart.
      '@opentelemetry/instrumentation-undici': { enabled: false },
    }),
  ],
});

sdk.start();

// Spans still in the queue are sent before the process ends.
for (const signal of ['SIGINT', 'SIGTERM']) {
  process.once(signal, () => {
    sdk.shutdown()
      .catch((error) => console.error('spans could not be sent', error))
      .finally(() => process.exit(0));
  });
}
