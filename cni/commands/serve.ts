import { UsageError } from '../../cli/flags';
import { runServe } from '../serve/serve';
import { ServeError } from '../serve/serve-error';
import { ServeLog } from '../serve/serve-log';
import { readServeFlags, serveOptions } from '../serve/serve-options';

const FAULT = 1;

/**
 * The main process of a router's pod: reports whether the router works, until it is stopped.
 *
 * @returns the exit code
 * @throws UsageError for invalid arguments
 */
export async function serve(args: readonly string[]): Promise<number> {
  const flags = readServeFlags(args);
  let log = new ServeLog(flags.value('router') ?? '');
  try {
    const options = serveOptions(flags);
    log = new ServeLog(options.router);
    await runServe(options, log);
    return 0;
  } catch (error) {
    if (error instanceof UsageError) throw error;
    if (error instanceof ServeError) log.error(error.message);
    else log.error(`internal error: ${error}`, { stack: error instanceof Error ? error.stack : undefined });
    return FAULT;
  }
}
