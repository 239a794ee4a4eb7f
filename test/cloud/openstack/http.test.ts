/** Servers that are not the expected service. TLS is tested with the real services, in test/openstack. */
import { createServer, type RequestListener, type Server } from 'node:http';
import { type AddressInfo, createServer as createSocketServer } from 'node:net';
import { send } from '../../../cloud/openstack/client/http';
import { OpenStackError } from '../../../cloud/openstack/client/openstack-error';

let server: { close(): unknown } | undefined;

afterEach(() => server?.close());

async function listen(listening: Server | ReturnType<typeof createSocketServer>): Promise<string> {
  server = listening;
  await new Promise<void>((resolve) => listening.listen(0, '127.0.0.1', resolve));
  return `127.0.0.1:${(listening.address() as AddressInfo).port}`;
}

const answering = (listener: RequestListener) => listen(createServer(listener));

/** The error of a request, which is never worth another try. */
async function failure(url: string, isTransient = false): Promise<string> {
  const error = await send({ method: 'GET', url }, 5000).then(
    () => undefined,
    (reason: unknown) => reason as OpenStackError,
  );
  expect(error).toBeInstanceOf(OpenStackError);
  expect(error!.isTransient).toBe(isTransient);
  return error!.message;
}

test('another address of the service is named and not followed, without what may be secret in it', async () => {
  const location = 'https://login.example.org/sso?ticket=secret';
  const at = await answering((_request, response) => response.writeHead(302, { location }).end());
  expect(await failure(`http://${at}/v3`)).toBe(
    `GET http://${at}/v3: answered 302 and redirects to https://login.example.org/sso, which is not followed; auth_url or the ` +
      'catalog must have the final address',
  );
});

test.each(['<html>Welcome</html>', ''])('an answer that grants something and is not JSON: %j', async (page) => {
  const at = await answering((_request, response) => response.end(page));
  expect(await failure(`http://${at}`)).toBe(
    `GET http://${at}: answered 200 with a body that is not JSON; is this the address of the service?`,
  );
});

test('a refusal may be a page: its status says enough', async () => {
  const at = await answering((_request, response) => response.writeHead(503).end('<html>later</html>'));
  expect(await send({ method: 'GET', url: `http://${at}` }, 5000)).toMatchObject({ status: 503, body: undefined });
});

test('an answer that does not end is not read to the end', async () => {
  const part = Buffer.alloc(1024 * 1024, ' ');
  const at = await answering((_request, response) => {
    const write = () => {
      while (response.write(part));
      response.once('drain', write);
    };
    write();
  });
  expect(await failure(`http://${at}`)).toContain('answered 200 with a body that is not JSON');
});

test('https:// where no TLS is spoken', async () => {
  const at = await answering((_request, response) => response.end('{}'));
  expect(await failure(`https://${at}`)).toBe(
    `GET https://${at}: the server does not speak TLS (EPROTO: wrong version number); use http:// or the port ` +
      'that speaks TLS',
  );
});

test('a connection that ends without an answer may be a restart: that is tried again', async () => {
  const at = await listen(createSocketServer((socket) => socket.destroy()));
  expect(await failure(`http://${at}`, true)).toMatch(/^GET http:.*: no answer \(ECONNRESET: .*\)$/);
});
