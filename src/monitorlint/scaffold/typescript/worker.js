let isTold = false;

/**
 * The options under which each request, event and queue is monitored:
 *
 *     export default Sentry.withSentry((env: Env) => sentryOptions(env), handler);
 *
 * Without a DSN monitoring stays off and the worker runs on. The environment of the
 * worker says the DSN (`SENTRY_DSN`), the environment (`SENTRY_ENVIRONMENT`) and the
 * release (`SENTRY_RELEASE`). Headers, bodies, prompts and answers are not sent,
 * unless `dataCollection` (`sendDefaultPii` before version 10.57) says so.
 *
 * @param env What the worker is handed: its variables and secrets.
 */
export function sentryOptions(env, options = {}) {
  const value = (name) => {
    const found = Reflect.get(env, name);
    return typeof found === 'string' ? found.trim() : '';
  };
  const dsn = (options.dsn ?? value('SENTRY_DSN')).trim();
  if (dsn === '' && !isTold) {
    isTold = true;
    console.info('SENTRY_DSN is not set: no monitoring');
  }
  const named = [
    ['environment', value('SENTRY_ENVIRONMENT')],
    ['release', value('SENTRY_RELEASE')],
  ];
  const known = Object.fromEntries(named.filter(([, text]) => text !== ''));
  return { ...CAUTIOUS, ...known, ...options, dsn };
}

/** Workers are not told how much of their memory is in use. */
function memoryShare() {
  return undefined;
}
