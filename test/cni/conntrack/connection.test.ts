import { ByteReader } from '../../../cni/netlink/byte-reader';
import { Connection, listConnections } from '../../../cni/netlink/conntrack/connection';
import { messagesOf, recordedMessages } from '../../support/recorded-netlink';

const MESSAGES = recordedMessages('conntrack-L.answer');

test('the request is that of conntrack -L', () => {
  const [message] = messagesOf([listConnections()]);
  expect(message).toMatchObject({ type: 0x0101, flags: 0 });
  expect([...message!.payload.bytes]).toEqual([0, 0, 0, 0]);
});

test('mark, protocol and whom it reaches', () => {
  const connections = MESSAGES.map((message) => {
    const { mark, protocol, remoteAddress, remotePort } = new Connection(message);
    return `${mark} ${protocol} ${Buffer.from(remoteAddress).toString('hex')} ${remotePort}`;
  });
  expect(connections.sort()).toEqual([
    '0 6 0af40005 9180',
    '1 6 cb00711a 443',
    '1 6 cb00711a 443',
    '3 1 c0000209 undefined',
    '4294967295 17 20010db8011300000000000000000053 53',
  ]);
});

test('whether a TCP connection is over: reset or closed by both sides', () => {
  const closed = MESSAGES.map((message) => new Connection(message)).map(
    ({ protocol, isClosed }) => `${protocol} ${isClosed}`,
  );
  expect(closed.sort()).toEqual(['1 false', '17 false', '6 false', '6 false', '6 true']);
});

test('a message that ends early, or has another byte, is refused or read', () => {
  let refused = 0;
  const attempt = (bytes: Uint8Array) => {
    const connection = new Connection({ payload: new ByteReader(bytes) });
    try {
      const { mark, protocol, remoteAddress, remotePort, isClosed } = connection;
      return [mark, protocol, remoteAddress, remotePort, isClosed];
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      return refused++;
    }
  };
  for (const { payload } of MESSAGES) {
    for (let at = 0; at < payload.length; at++) {
      attempt(payload.bytes.subarray(0, at));
      attempt(Uint8Array.from(payload.bytes, (byte, index) => (index === at ? byte ^ 0xff : byte)));
    }
  }
  expect(refused).toBeGreaterThan(100);
});
