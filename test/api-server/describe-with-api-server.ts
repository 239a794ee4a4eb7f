import { type ApiServer, type ApiServerOptions, isOwnServer, missingRequirement, startApiServer } from './api-server';

/**
 * Like jest's `describe`, for tests that share one API server; `tests` gets a function that returns it.
 *
 * On a machine that lacks something for it the tests are skipped, and the run says what and why. Where the
 * variable CI is set they fail with that sentence instead: a pipeline that skips proves nothing.
 */
export function describeWithApiServer(
  name: string,
  tests: (server: () => ApiServer) => void,
  options: ApiServerOptions = {},
): void {
  const missing = missingRequirement(isOwnServer(options));
  const skipped = missing !== undefined && !process.env.CI;
  if (skipped) console.warn(`SKIPPED ${name}: ${missing}`);

  (skipped ? describe.skip : describe)(name, () => {
    let server: ApiServer | undefined;

    // Throws the sentence about what is missing, which fails every test of the group.
    beforeAll(async () => {
      server = await startApiServer(options);
    }, 90_000);

    afterAll(() => server?.stop(), 30_000);

    tests(() => {
      if (!server) throw new Error('The API server runs only while tests run: call this inside a test.');
      return server;
    });
  });
}
