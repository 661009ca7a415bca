//#region about
/**
 * Monitoring on OpenTelemetry: model calls, requests, other operations, loops, memory.
 *
 * Written by `monitorlint init`; from here on the file is yours. It works with
 * version 1 of the API, and versions 2 and 3 of the SDK. Call `initOpenTelemetry()`
 * once, where the application starts, before it imports what is to be traced; where it
 * sets OpenTelemetry up itself, that is not needed.
 *
 *     const answer = await monitorAIGeneration('openai', 'ask', { lessonId }, () =>
 *       client.responses.create({ model, input }),
 *     );
 *     const lesson = await monitorFetch('load_lesson', { lessonId }, async () => {
 *       const response = await fetch(`/api/lessons/${lessonId}`);
 *       return response.json();
 *     });
 *     const chunks = await monitorAIGenerationStream('openai', 'chat', null, () =>
 *       client.responses.create({ model, input, stream: true }),
 *     );
 *
 * Each opens a span, records an error once, passes it on as it is, and reports what
 * takes longer than the limits below while it is still running: by a short span of its
 * own, for the span of what hangs is not sent before that ends. Values of a context
 * are small and not secret: what is named like a secret, a prompt or an answer is
 * replaced, and so is what is large.
 *
 * Alert rules can rely on these attributes: `monitor` (ai, fetch, operation, loop,
 * memory), `operation`, `provider`, `http_status`, `level` (warning, error) and `alert`
 * (slow, rate_limit, auth, timeout, network, api_error, error, loop, memory).
 *
 * Nothing here makes the application fail: where nothing is set up, or when
 * OpenTelemetry itself fails, the code runs as if it were not monitored.
 */
import {
  type Attributes,
  type Context as OTelContext,
  context as contexts,
  createContextKey,
  isSpanContextValid,
  type Span as APISpan,
  SpanKind,
  trace,
  type Tracer,
  type TracerProvider,
} from '@opentelemetry/api';
import { NodeSDK } from '@opentelemetry/sdk-node';
//#endregion
//#region options
type SDKOptions = NonNullable<ConstructorParameters<typeof NodeSDK>[0]>;

/** What `NodeSDK` takes, such as `instrumentations`; the rest the environment says. */
export type OpenTelemetryOptions = SDKOptions & {
  /**
   * Share of the traces that are sent; alerts always are. Where it is not given,
   * `OTEL_TRACES_SAMPLER` says it: all of them, if that is not set.
   */
  tracesSampleRate?: number;
};

//#endregion
//#region start
const ENDPOINT = 'OTEL_EXPORTER_OTLP_ENDPOINT';

/**
 * Turns monitoring on; without an endpoint it stays off and the application runs on.
 *
 * The SDK reads the variables of OpenTelemetry: where the collector listens
 * (`OTEL_EXPORTER_OTLP_ENDPOINT`, or `OTEL_EXPORTER_OTLP_TRACES_ENDPOINT`), and such as
 * `OTEL_SERVICE_NAME` and `OTEL_EXPORTER_OTLP_HEADERS`.
 *
 * @returns Whether monitoring is on.
 */
export function initOpenTelemetry({
  tracesSampleRate,
  ...options
}: OpenTelemetryOptions = {}): boolean {
  try {
    if (isOn()) return true; // the application has set it up
    const { env } = process;
    const isNamed = [ENDPOINT, 'OTEL_EXPORTER_OTLP_TRACES_ENDPOINT'].some(
      (name) => (env[name] ?? '').trim() !== '',
    );
    const { traceExporter, spanProcessors } = options;
    if (!isNamed && traceExporter === undefined && !spanProcessors?.length) {
      console.info(`${ENDPOINT} is not set: no monitoring`);
      return false;
    }
    if ((env['OTEL_SDK_DISABLED'] ?? '').trim().toLowerCase() === 'true') {
      console.info('OTEL_SDK_DISABLED is set: no monitoring');
      return false;
    }
    const sampler = new AlertsAlways(tracesSampleRate, options.sampler);
    const sdk = new NodeSDK({ ...options, sampler });
    sdk.start();
    // What is not sent yet when there is nothing left to do.
    process.once('beforeExit', () => {
      sdk.shutdown().catch(() => undefined);
    });
  } catch (error) {
    // The text may quote an option that is secret: the name has to do.
    const name = error instanceof Error ? error.name : typeof error;
    console.warn(`OpenTelemetry refuses its options (${name}): no monitoring`);
    return false;
  }
  console.info('OpenTelemetry initialized for backend monitoring');
  return true;
}

type Sampler = NonNullable<SDKOptions['sampler']>;

/** A sampler that loses no alert, and sees who else traces calls of models. */
class AlertsAlways implements Sampler {
  private readonly sampler: Sampler | undefined;
  private readonly share: number;
  /** Traces that have begun elsewhere are sent if they are sent there. */
  private readonly follows: boolean;

  constructor(rate: number | undefined, sampler: Sampler | undefined) {
    const { env } = process;
    // The SDK reads it only where no sampler is given.
    const name = (rate === undefined && env['OTEL_TRACES_SAMPLER']) || '';
    const ratio = Number(env['OTEL_TRACES_SAMPLER_ARG'] ?? 1);
    const share = name.endsWith('traceidratio') ? ratio : 1;
    this.share = name.endsWith('always_off') ? 0 : (rate ?? share);
    this.follows = name === '' || name.startsWith('parentbased_');
    this.sampler = sampler;
  }

  shouldSample(
    ...args: Parameters<Sampler['shouldSample']>
  ): ReturnType<Sampler['shouldSample']> {
    const [context, traceId, , , attributes] = args;
    const names = Object.keys(attributes);
    if (names.some((name) => /^(gen_ai|llm|ai)\./.test(name))) {
      markTraced(context);
    }
    const isAlert = names.includes('alert') && names.includes('monitor');
    if (!isAlert && this.sampler !== undefined) {
      return this.sampler.shouldSample(...args);
    }
    return { decision: isAlert || this.isSampled(context, traceId) ? 2 : 0 };
  }

  private isSampled(context: OTelContext, traceId: string): boolean {
    const parent = trace.getSpanContext(context);
    if (this.follows && parent !== undefined && isSpanContextValid(parent)) {
      return (parent.traceFlags & 1) === 1;
    }
    return parseInt(traceId.slice(-14), 16) < this.share * 2 ** 56;
  }

  toString(): string {
    return `AlertsAlways(${this.sampler?.toString() ?? this.share})`;
  }
}

function endpointError(error: unknown): void {
  quietly(() => {
    const status = statusOf(error);
    if (!isOn() || (status !== undefined && status < 500)) return;
    if (isReported(error)) return;
    const alert = { monitor: 'endpoint', operation: 'endpoint', provider: '' };
    const span = trace.getActiveSpan();
    send({ ...alert, reason: 'error', level: 'error', message: '' }, {}, null, {
      failure: { error },
      ...(span === undefined ? {} : { span }),
    });
  });
}

//#endregion
//#region span
/** A span, and the context in which it is the current one. */
class Span {
  private readonly subject: Subject;
  private readonly context: Record<string, unknown>;
  private readonly span: APISpan;
  private readonly inside: OTelContext;
  /** The run around this one. */
  private readonly outer: Span | undefined;
  private isTraced = false;

  constructor(subject: Subject, context: Record<string, unknown>) {
    this.subject = subject;
    this.context = context;
    const before = contexts.active();
    this.outer = runOf(before);
    if (subject.monitor === 'ai') this.outer?.markTraced();
    this.span = tracer().startSpan(
      titleOf(subject),
      {
        kind:
          subject.monitor === 'operation' ? SpanKind.INTERNAL : SpanKind.CLIENT,
        attributes: { ...tagsOf(subject), ...attributesOf(context) },
      },
      before,
    );
    this.inside = trace.setSpan(before, this.span).setValue(RUN, this);
  }

  /** Calls it with the span as the current one. */
  within(action: () => void): void {
    contexts.with(this.inside, action);
  }

  set(key: string, value: string | number | boolean): void {
    this.span.setAttribute(key, value);
  }

  /** Somebody below has told of the call: tokens are to count once. */
  markTraced(): void {
    this.isTraced = true;
    this.outer?.markTraced();
  }

  send(alert: Alert, details: object, failure?: Failure): void {
    this.within(() =>
      send(alert, details, this.context, {
        span: this.span,
        ...(failure === undefined ? {} : { failure }),
      }),
    );
  }

  end(
    seen: ReadonlyMap<string, string | number>,
    failure: Failure | undefined,
    result: unknown,
  ): void {
    const span = this.span;
    const { monitor, operation, provider } = this.subject;
    // Known at its end alone: who traces the call besides says all of this.
    if (monitor === 'ai' && !this.isTraced) {
      span.setAttributes(generated(provider, operation, this.context, seen));
    }
    const status = responseStatus(result);
    if (failure !== undefined && isReportable(failure.error)) {
      const [reason, code] = diagnosis(failure.error);
      span.setAttribute('error.type', nameOf(failure.error));
      span.setAttribute('alert', reason);
      if (code !== undefined) span.setAttribute('http_status', code);
      span.setStatus({ code: 2, message: reason });
    } else if (failure !== undefined) {
      span.setAttribute('cancelled', true);
    } else if (status !== undefined) {
      span.setAttribute('http_status', status);
      if (status >= 400) span.setStatus({ code: 2, message: `HTTP ${status}` });
    }
    span.end();
  }
}

const RUN = createContextKey('monitoring run');

function runOf(context: OTelContext): Span | undefined {
  const run = context.getValue(RUN);
  return run instanceof Span ? run : undefined;
}

function markTraced(context: OTelContext): void {
  quietly(() => runOf(context)?.markTraced());
}

/** Records an error on its span, or sends a short span of its own. */
function send(
  alert: Alert,
  details: object,
  context: Context,
  { failure, span }: { failure?: Failure; span?: APISpan } = {},
): void {
  const { provider, operation, level, message } = alert;
  const values = Object.fromEntries(
    Object.entries(details).map(([key, value]) => [`monitoring.${key}`, value]),
  ) as Attributes;
  if (failure !== undefined && span?.isRecording() === true) {
    span.setAttributes({ ...values, level });
    record(span, failure.error);
    return;
  }
  const [reason, status] =
    failure === undefined ? [alert.reason] : diagnosis(failure.error);
  const title = provider === '' ? operation : `${provider} ${operation}`;
  const made = tracer().startSpan(`${reason}: ${title}`, {
    attributes: {
      ...tagsOf(alert),
      alert: reason,
      level,
      message: failure === undefined ? message : messageOf(failure.error),
      ...(status === undefined ? {} : { http_status: status }),
      ...values,
      ...attributesOf(cleaned(context)),
    },
  });
  if (failure !== undefined) {
    made.setAttribute('error.type', nameOf(failure.error));
    record(made, failure.error);
  }
  if (level === 'error') {
    made.setStatus({ code: 2, message: message === '' ? reason : message });
  }
  made.end();
}

/** Its class, its text and where it came from; what it was caused by may tell more. */
function record(span: APISpan, error: unknown): void {
  if (typeof error === 'object' && error !== null) reported.add(error);
  const stack = error instanceof Error ? (error.stack ?? '') : '';
  const frames = stack.split('\n').filter((line) => /^\s+at /.test(line));
  span.addEvent('exception', {
    'exception.type': nameOf(error),
    'exception.message': messageOf(error),
    ...(frames.length > 0
      ? { 'exception.stacktrace': [nameOf(error), ...frames].join('\n') }
      : {}),
  });
}

function messageOf(error: unknown): string {
  if (error instanceof Error) return text(error.message);
  return typeof error === 'object' && error !== null
    ? `<${nameOf(error)}>`
    : text(error);
}

/** The tracer of whoever has set OpenTelemetry up. */
function tracerOf(): Tracer | undefined {
  const provider: TracerProvider & { getDelegateTracer?: TracerOf } =
    trace.getTracerProvider();
  // The API has one that stands for whoever comes later.
  return provider.getDelegateTracer === undefined
    ? provider.getTracer(NAME)
    : provider.getDelegateTracer(NAME);
}

type TracerOf = (name: string) => Tracer | undefined;

const NAME = 'monitoring';

function tracer(): Tracer {
  return tracerOf() ?? trace.getTracer(NAME);
}

function isOn(): boolean {
  try {
    return tracerOf() !== undefined;
  } catch {
    return false;
  }
}

//#endregion
//#region init
//#endregion
