import { type Server, serve } from 'bun';
import { type HealthSource, healthAnswer } from './health-answer';
import { ServeError } from './serve-error';

/** The health port, on every address of the pod; the LAN cannot reach it (chain `input` of the router's table). */
export class HealthServer implements Disposable {
  private constructor(private readonly server: Server<undefined>) {}

  /** @throws ServeError if the port is in use or not permitted */
  public static listen(port: number, source: HealthSource): HealthServer {
    try {
      return new HealthServer(listenOnAll(port, source));
    } catch (error) {
      throw new ServeError(
        `cannot listen on the health port ${port}:  ${error instanceof Error ? error.message : error}`,
      );
    }
  }

  public [Symbol.dispose](): void {
    // Without waiting for open connections.
    void this.server.stop(true);
  }
}

/** Errors that another address would not avoid. */
const FINAL: readonly unknown[] = ['EADDRINUSE', 'EACCES'];

function listenOnAll(port: number, source: HealthSource): Server<undefined> {
  try {
    // Also accepts IPv4.
    return listenOn('::', port, source);
  } catch (error) {
    // A kernel that was started without IPv6 has no such sockets.
    if (FINAL.includes((error as NodeJS.ErrnoException).code)) throw error;
    return listenOn('0.0.0.0', port, source);
  }
}

function listenOn(hostname: string, port: number, source: HealthSource): Server<undefined> {
  return serve({
    hostname,
    port,
    development: false,
    async fetch({ method, url }) {
      const { status, headers, body } = await healthAnswer(source, method, url);
      return new Response(method === 'HEAD' ? null : body, { status, headers });
    },
  });
}
