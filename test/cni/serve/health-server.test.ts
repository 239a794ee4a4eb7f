import http from 'node:http';
import { HealthServer } from '../../../cni/serve/health-server';

const source = {} as Parameters<typeof HealthServer.listen>[0]['source'];

afterEach(() => jest.restoreAllMocks());

test('an error of the listening socket is logged once, and the process goes on', async () => {
  let server: http.Server | undefined;
  const create = http.createServer;
  jest.spyOn(http, 'createServer').mockImplementation((...args: unknown[]) => {
    server = (create as (...all: unknown[]) => http.Server)(...args);
    return server;
  });
  const errors: unknown[] = [];
  const log = { error: (message: string, members?: object) => void errors.push([message, members]) };
  using _health = await HealthServer.listen({ port: 0, source, log, most: 1 });
  for (let count = 1; count <= 2; count++) server!.emit('error', new Error('accept EMFILE'));
  expect(errors).toEqual([['could not answer on the health port', { error: 'accept EMFILE' }]]);
});

test('a port in use is an error of the start', async () => {
  const other = http.createServer();
  await new Promise<void>((resolve) => other.listen({ port: 0, host: '::' }, resolve));
  const { port } = other.address() as { readonly port: number };
  const log = { error: () => undefined };
  await expect(HealthServer.listen({ port, source, log, most: 1 })).rejects.toThrow(
    `cannot listen on the health port ${port}: `,
  );
  other.close();
});
