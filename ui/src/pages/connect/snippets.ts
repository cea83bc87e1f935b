// What to install, write and set in each language so that its spans come here. Facts: opentelemetry.io/docs and the packages' own pages.
import type { Endpoints } from './endpoints';
import { hostAndPort } from './endpoints';
import type { Syntax } from './highlight';

export interface Step {
  title: string;
  code: string;
  syntax: Syntax;
  /** A file to put it in, or what else to know. */
  note?: string;
}

export interface Language {
  id: string;
  label: string;
  steps: (to: Endpoints) => Step[];
}

/** The service's name in every snippet: the one thing to change. */
export const OWN_NAME = 'checkout';

/** For SDKs that read the environment. Waymark keeps traces only, so the other signals stay at home. */
function environment({ http }: Endpoints, more: readonly string[] = []): string {
  return [
    `export OTEL_SERVICE_NAME=${OWN_NAME}`,
    `export OTEL_EXPORTER_OTLP_ENDPOINT=${http}`,
    'export OTEL_EXPORTER_OTLP_PROTOCOL=http/protobuf',
    'export OTEL_METRICS_EXPORTER=none',
    'export OTEL_LOGS_EXPORTER=none',
    ...more,
  ].join('\n');
}

const shell = (title: string, code: string, note?: string): Step => ({ title, code, syntax: 'shell', ...(note ? { note } : {}) });

const env: Language = {
  id: 'env',
  label: 'Environment variables',
  steps: (to) => [
    shell('For any OpenTelemetry SDK or agent', environment(to), 'Every OpenTelemetry SDK reads these. Set them where the service is started; nothing else changes.'),
    ...(to.grpc
      ? [
          shell(
            'The same over gRPC',
            [`export OTEL_SERVICE_NAME=${OWN_NAME}`, `export OTEL_EXPORTER_OTLP_ENDPOINT=${to.grpc}`, 'export OTEL_EXPORTER_OTLP_PROTOCOL=grpc'].join('\n'),
            `Exporters that want a host and a port take ${hostAndPort(to.grpc)}, without TLS.`,
          ),
        ]
      : []),
    shell(
      'Without any SDK: send one span by hand',
      [
        `curl ${to.http}/v1/traces -H 'Content-Type: application/json' -d '{"resourceSpans":[{`,
        `  "resource":{"attributes":[{"key":"service.name","value":{"stringValue":"${OWN_NAME}"}}]},`,
        `  "scopeSpans":[{"spans":[{"traceId":"'$(openssl rand -hex 16)'","spanId":"'$(openssl rand -hex 8)'",`,
        `    "name":"hello","kind":1,"startTimeUnixNano":"'$(date +%s)'000000000","endTimeUnixNano":"'$(date +%s)'250000000"}]}]}]}'`,
      ].join('\n'),
      'Shows in a second whether this server can be reached.',
    ),
  ],
};

const dotnet: Language = {
  id: 'dotnet',
  label: '.NET',
  steps: (to) => [
    shell(
      'Install',
      ['dotnet add package OpenTelemetry.Extensions.Hosting', 'dotnet add package OpenTelemetry.Instrumentation.AspNetCore', 'dotnet add package OpenTelemetry.Instrumentation.Http', 'dotnet add package OpenTelemetry.Exporter.OpenTelemetryProtocol'].join('\n'),
    ),
    {
      title: 'Program.cs',
      syntax: 'slash',
      code: [
        'using OpenTelemetry.Trace;',
        '',
        'builder.Services.AddOpenTelemetry().WithTracing(tracing => tracing',
        '    .AddAspNetCoreInstrumentation()',
        '    .AddHttpClientInstrumentation()',
        '    .AddOtlpExporter());',
      ].join('\n'),
      note: 'Spans of your own: .AddSource("Shop.*") for every ActivitySource whose name begins so.',
    },
    shell('Start', `${environment(to)}\ndotnet run`, 'The exporter speaks gRPC unless OTEL_EXPORTER_OTLP_PROTOCOL says otherwise.'),
  ],
};

const java: Language = {
  id: 'java',
  label: 'Java',
  steps: (to) => [
    shell('Get the agent', 'curl -LO https://github.com/open-telemetry/opentelemetry-java-instrumentation/releases/latest/download/opentelemetry-javaagent.jar'),
    shell('Start', `${environment(to)}\njava -javaagent:opentelemetry-javaagent.jar -jar app.jar`, 'Spring, Servlets, JDBC, Kafka and many more are traced without a change of code.'),
  ],
};

const node: Language = {
  id: 'node',
  label: 'Node.js',
  steps: (to) => [
    shell('Install', 'npm install @opentelemetry/api @opentelemetry/auto-instrumentations-node'),
    shell('Start', `${environment(to, ['export NODE_OPTIONS="--require @opentelemetry/auto-instrumentations-node/register"'])}\nnode app.js`, 'Express, Fastify, HTTP, databases and many more are traced without a change of code.'),
  ],
};

const python: Language = {
  id: 'python',
  label: 'Python',
  steps: (to) => [
    shell('Install', ['pip install opentelemetry-distro opentelemetry-exporter-otlp', 'opentelemetry-bootstrap -a install'].join('\n'), 'The second line finds the libraries you use and installs what traces them.'),
    shell('Start', `${environment(to)}\nopentelemetry-instrument python app.py`),
  ],
};

const go: Language = {
  id: 'go',
  label: 'Go',
  steps: (to) => [
    shell(
      'Install',
      ['go get go.opentelemetry.io/otel go.opentelemetry.io/otel/sdk \\', '  go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp \\', '  go.opentelemetry.io/contrib/instrumentation/net/http/otelhttp'].join('\n'),
    ),
    {
      title: 'tracing.go',
      syntax: 'slash',
      code: [
        'package main',
        '',
        'import (',
        '\t"context"',
        '',
        '\t"go.opentelemetry.io/otel"',
        '\t"go.opentelemetry.io/otel/exporters/otlp/otlptrace/otlptracehttp"',
        '\t"go.opentelemetry.io/otel/propagation"',
        '\tsdktrace "go.opentelemetry.io/otel/sdk/trace"',
        ')',
        '',
        '// Reads OTEL_SERVICE_NAME and OTEL_EXPORTER_OTLP_ENDPOINT. Call what it returns before the program ends.',
        'func startTracing(ctx context.Context) (func(context.Context) error, error) {',
        '\texporter, err := otlptracehttp.New(ctx)',
        '\tif err != nil {',
        '\t\treturn nil, err',
        '\t}',
        '\tprovider := sdktrace.NewTracerProvider(sdktrace.WithBatcher(exporter))',
        '\totel.SetTracerProvider(provider)',
        '\totel.SetTextMapPropagator(propagation.TraceContext{})',
        '\treturn provider.Shutdown, nil',
        '}',
      ].join('\n'),
      note: 'Servers: otelhttp.NewHandler(mux, "server"). Clients: http.Client{Transport: otelhttp.NewTransport(http.DefaultTransport)}.',
    },
    shell('Start', `export OTEL_SERVICE_NAME=${OWN_NAME}\nexport OTEL_EXPORTER_OTLP_ENDPOINT=${to.http}\ngo run .`),
  ],
};

const ruby: Language = {
  id: 'ruby',
  label: 'Ruby',
  steps: (to) => [
    shell('Install', 'bundle add opentelemetry-sdk opentelemetry-exporter-otlp opentelemetry-instrumentation-all'),
    {
      title: 'config/initializers/opentelemetry.rb',
      syntax: 'ruby',
      code: ["require 'opentelemetry/sdk'", "require 'opentelemetry/exporter/otlp'", "require 'opentelemetry/instrumentation/all'", '', 'OpenTelemetry::SDK.configure do |config|', '  config.use_all', 'end'].join('\n'),
      note: 'Without Rails: at the top of the program, after the libraries it is to trace.',
    },
    shell('Start', `export OTEL_SERVICE_NAME=${OWN_NAME}\nexport OTEL_EXPORTER_OTLP_ENDPOINT=${to.http}\nbundle exec rails server`),
  ],
};

const php: Language = {
  id: 'php',
  label: 'PHP',
  steps: (to) => [
    shell(
      'Install',
      ['pecl install opentelemetry', 'composer require open-telemetry/sdk open-telemetry/exporter-otlp \\', '  php-http/guzzle7-adapter open-telemetry/opentelemetry-auto-slim'].join('\n'),
      'The last package traces Slim; there is one for Laravel, Symfony, WordPress, PDO and others: open-telemetry/opentelemetry-auto-….',
    ),
    { title: 'php.ini', syntax: 'toml', code: '[opentelemetry]\nextension=opentelemetry.so' },
    shell('Start', `${environment(to, ['export OTEL_PHP_AUTOLOAD_ENABLED=true'])}\nphp -S localhost:8080`),
  ],
};

const rust: Language = {
  id: 'rust',
  label: 'Rust',
  steps: (to) => [
    shell('Install', 'cargo add opentelemetry opentelemetry_sdk opentelemetry-otlp'),
    {
      title: 'main.rs',
      syntax: 'slash',
      code: [
        'use opentelemetry::{global, trace::{Tracer, TracerProvider}};',
        'use opentelemetry_otlp::SpanExporter;',
        'use opentelemetry_sdk::trace::SdkTracerProvider;',
        '',
        'fn main() -> Result<(), Box<dyn std::error::Error>> {',
        '    // Reads OTEL_SERVICE_NAME and OTEL_EXPORTER_OTLP_ENDPOINT.',
        '    let exporter = SpanExporter::builder().with_http().build()?;',
        '    let provider = SdkTracerProvider::builder().with_batch_exporter(exporter).build();',
        '    global::set_tracer_provider(provider.clone());',
        '',
        `    provider.tracer("${OWN_NAME}").in_span("hello", |_context| {`,
        '        // what is to be timed',
        '    });',
        '',
        '    provider.shutdown()?;',
        '    Ok(())',
        '}',
      ].join('\n'),
      note: 'Programs that use the tracing crate add tracing-opentelemetry.',
    },
    shell('Start', `export OTEL_SERVICE_NAME=${OWN_NAME}\nexport OTEL_EXPORTER_OTLP_ENDPOINT=${to.http}\ncargo run`),
  ],
};

const browser: Language = {
  id: 'browser',
  label: 'Browser',
  steps: (to) => [
    shell(
      'Install',
      [
        'npm install @opentelemetry/api@1.9.1 @opentelemetry/sdk-trace-web@2.12.0 @opentelemetry/resources@2.12.0 \\',
        '  @opentelemetry/exporter-trace-otlp-http@0.223.0 @opentelemetry/instrumentation@0.223.0 \\',
        '  @opentelemetry/instrumentation-fetch@0.223.0',
      ].join('\n'),
      'These versions belong together; mixing 2.x with 3.x packages does not work.',
    ),
    {
      title: 'tracing.js, imported first',
      syntax: 'slash',
      code: [
        "import { OTLPTraceExporter } from '@opentelemetry/exporter-trace-otlp-http';",
        "import { registerInstrumentations } from '@opentelemetry/instrumentation';",
        "import { FetchInstrumentation } from '@opentelemetry/instrumentation-fetch';",
        "import { resourceFromAttributes } from '@opentelemetry/resources';",
        "import { BatchSpanProcessor, WebTracerProvider } from '@opentelemetry/sdk-trace-web';",
        '',
        'const provider = new WebTracerProvider({',
        `  resource: resourceFromAttributes({ 'service.name': '${OWN_NAME}-web' }),`,
        '  spanProcessors: [',
        `    new BatchSpanProcessor(new OTLPTraceExporter({ url: '${to.http}/v1/traces' })),`,
        '  ],',
        '});',
        'provider.register();',
        '',
        '// Calls of other origins carry the trace only when they are named here.',
        'registerInstrumentations({',
        '  instrumentations: [new FetchInstrumentation({ propagateTraceHeaderCorsUrls: [/localhost/] })],',
        '});',
      ].join('\n'),
      note: 'Pages served from this machine may send at once. For others, start Waymark with otlp.cors_origins set to their origin, such as https://shop.example.',
    },
  ],
};

const collector: Language = {
  id: 'collector',
  label: 'Collector',
  steps: (to) => [
    {
      title: 'Add an exporter and name it in the traces pipeline',
      syntax: 'yaml',
      code: ['exporters:', '  otlp_http/waymark:', `    endpoint: ${to.http}`, '', 'service:', '  pipelines:', '    traces:', '      receivers: [otlp]', '      exporters: [otlp_http/waymark]'].join('\n'),
      note: 'Collectors before 0.144 call it otlphttp. What the pipeline exports to already stays in its list.',
    },
    ...(to.grpc
      ? [
          {
            title: 'The same over gRPC',
            syntax: 'yaml' as const,
            code: ['exporters:', '  otlp_grpc/waymark:', `    endpoint: ${hostAndPort(to.grpc)}`, '    tls:', '      insecure: true'].join('\n'),
            note: 'Collectors before 0.144 call it otlp.',
          },
        ]
      : []),
  ],
};

export const LANGUAGES: readonly Language[] = [env, dotnet, java, node, python, go, ruby, php, rust, browser, collector];

/** The language of an address; unknown ones and none are the first. */
export function languageOf(id: string | null): Language {
  return LANGUAGES.find((language) => language.id === id) ?? env;
}
