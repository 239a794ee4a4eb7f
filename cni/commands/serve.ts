import { runServe } from '../serve/serve';
import { ServeError } from '../serve/serve-error';
import { ServeLog } from '../serve/serve-log';
import { readServeFlags, serveOptions } from '../serve/serve-options';

const FAULT = 1;

/**
 * The main process of a router's pod: says whether the router works, until it is told to stop.
 *
 * @returns the exit code
 * @throws UsageError for a command line that cannot be understood
 */
export async function serve(args: readonly string[]): Promise<number> {
  const flags = readServeFlags(args);
  try {
    const options = serveOptions(flags);
    return await runServe(options, new ServeLog(options.router));
  } catch (error) {
    if (!(error instanceof ServeError)) throw error;
    new ServeLog(flags.value('router') ?? '').error(error.message);
    return FAULT;
  }
}
