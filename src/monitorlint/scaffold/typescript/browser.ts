/**
 * Turns monitoring on; without a DSN it stays off and the application runs on.
 *
 * The build says the DSN (`VITE_SENTRY_DSN`), the release (`VITE_APP_VERSION`) and the
 * environment (its mode). Sessions with errors are replayed with all texts, inputs and
 * media masked. Headers, bodies, prompts and answers are not sent, unless
 * `dataCollection` (`sendDefaultPii` before version 10.57) says so.
 *
 * @param options.integrations Besides those for traces and replays, or in place of one
 * of the same name, such as the one for the router of the application.
 * @returns Whether monitoring is on.
 */
export function initSentry(options: SentryOptions = {}): boolean {
  return turnedOn('frontend', 'VITE_SENTRY_DSN', built, options, () => {
    const { integrations = [] } = options;
    const ours = [
      Sentry.browserTracingIntegration(),
      Sentry.replayIntegration({
        maskAllText: true,
        maskAllInputs: true,
        blockAllMedia: true,
      }),
    ];
    return {
      replaysSessionSampleRate: options.replaysSessionSampleRate ?? 0,
      replaysOnErrorSampleRate: options.replaysOnErrorSampleRate ?? 1,
      integrations: Array.isArray(integrations)
        ? [...ours, ...integrations]
        : integrations,
    };
  });
}

//#region react
/** Reports what a component fails with, and shows its `fallback` instead. */
export const ErrorBoundary = Sentry.ErrorBoundary;

//#endregion
//#region vite
/** What the build has put in: see `.env.example`. */
function built(): Environment {
  const env = (import.meta as { env?: Record<string, unknown> }).env ?? {};
  const value = (name: string): string | undefined => {
    const found = env[name];
    return typeof found === 'string' ? found : undefined;
  };
  return {
    dsn: value('VITE_SENTRY_DSN'),
    release: value('VITE_APP_VERSION'),
    environment: value('MODE'),
  };
}

//#endregion
//#region process
/** What the build has put in: see `.env.example`. */
function built(): Environment {
  return {
    dsn: process.env.VITE_SENTRY_DSN,
    release: process.env.VITE_APP_VERSION,
    environment: process.env.NODE_ENV,
  };
}

//#endregion
/** The share of the memory in use, 0 to 1, where the browser tells it. */
function memoryShare(): number | undefined {
  const { memory } = performance as {
    memory?: { usedJSHeapSize: number; jsHeapSizeLimit: number };
  };
  return memory === undefined
    ? undefined
    : memory.usedJSHeapSize / memory.jsHeapSizeLimit;
}
