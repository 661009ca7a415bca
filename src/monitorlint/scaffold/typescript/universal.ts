/**
 * Turns monitoring on; without a DSN it stays off and the application runs on. Call it
 * in the files in which the framework wants `Sentry.init`, on either side.
 *
 * The environment says the DSN (on the server `SENTRY_DSN`, else `VITE_SENTRY_DSN`) and
 * the release (`VITE_APP_VERSION`). Headers, bodies, prompts and answers are not sent,
 * unless `dataCollection` (`sendDefaultPii` before version 10.57) says so.
 *
 * @param options.integrations Such as `Sentry.replayIntegration()`, in the browser.
 * @returns Whether monitoring is on.
 */
export function initSentry(options: SentryOptions = {}): boolean {
  const side = isBrowser() ? 'frontend' : 'backend';
  return turnedOn(side, 'VITE_SENTRY_DSN', built, options);
}

//#region react
/** Reports what a component fails with, and shows its `fallback` instead. */
export const ErrorBoundary = Sentry.ErrorBoundary;

//#endregion
//#region vite
/** What the build has put in, or the server has: see `.env.example`. */
function built(): Environment {
  const env = (import.meta as { env?: Record<string, unknown> }).env ?? {};
  const ofServer = isBrowser() ? undefined : process.env['SENTRY_DSN'];
  const value = (name: string): string | undefined => {
    const found = env[name];
    return typeof found === 'string' ? found : undefined;
  };
  return {
    dsn: ofServer ?? value('VITE_SENTRY_DSN'),
    release: value('VITE_APP_VERSION'),
    environment: value('MODE'),
  };
}

//#endregion
//#region process
/** What the build has put in, or the server has: see `.env.example`. */
function built(): Environment {
  return {
    dsn: process.env.SENTRY_DSN ?? process.env.VITE_SENTRY_DSN,
    release: process.env.VITE_APP_VERSION,
    environment: process.env.NODE_ENV,
  };
}

//#endregion
function isBrowser(): boolean {
  return 'document' in globalThis;
}

/** The share of the memory in use, 0 to 1, where browser or server tell it. */
function memoryShare(): number | undefined {
  if (isBrowser()) {
    const { memory } = performance as {
      memory?: { usedJSHeapSize: number; jsHeapSizeLimit: number };
    };
    return memory === undefined
      ? undefined
      : memory.usedJSHeapSize / memory.jsHeapSizeLimit;
  }
  // Not by their names: builds for edge runtimes, which have none of it, warn of them.
  const [used, allowed] = ['memoryUsage', 'constrainedMemory'].map(
    (name): unknown =>
      (Reflect.get(process, name) as (() => unknown) | undefined)?.(),
  );
  const rss = own(used, 'rss');
  const isLimited =
    typeof allowed === 'number' && allowed > 0 && allowed < 2 ** 50;
  return typeof rss === 'number' && isLimited ? rss / allowed : undefined;
}
