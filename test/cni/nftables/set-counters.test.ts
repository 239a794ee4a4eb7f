import { ByteReader } from '../../../cni/netlink/byte-reader';
import type { Message } from '../../../cni/netlink/message';
import { decodeNftRule, nftRuleValues } from '../../../cni/netlink/nftables/observed-rule';
import { CountedElement, portOf, protocolOf } from '../../../cni/netlink/nftables/set-counters';
import { createTable } from '../../../cni/netlink/nftables/table';
import { messagesOf, recordedMessages } from '../../support/recorded-netlink';
import { ROUTER_TABLES } from '../../support/router-tables';

function read<T>(messages: readonly Message[], take: (element: CountedElement) => T): T[] {
  const taken: T[] = [];
  for (const message of messages) CountedElement.each(message, (element) => taken.push(take(element)));
  return taken;
}

const key = ({ portKey }: CountedElement) => `${protocolOf(portKey)} ${portOf(portKey)}`;

describe("the kernel's answers to nft's own list", () => {
  test('a set of marks, with counters beyond 32 bits', () => {
    const elements = read(recordedMessages('nft-list-set-sent.answer'), ({ mark, packets, bytes }) => ({
      mark,
      packets,
      bytes,
    }));
    expect(elements.sort((one, other) => one.mark - other.mark)).toEqual([
      { mark: 1, packets: 70, bytes: 9_007_199_254_740_000 },
      { mark: 2, packets: 0, bytes: 0 },
    ]);
  });

  test('a map of marks, which has no counters', () => {
    const elements = read(recordedMessages('nft-list-map-marks4.answer'), (element) => [
      key(element),
      element.markValue,
      element.packets,
    ]);
    expect(elements.sort()).toEqual([
      ['TCP 8443', 1, undefined],
      ['UDP 53', 2, undefined],
    ]);
  });

  test('maps of targets of both families', () => {
    const target = (length: number) => (element: CountedElement) => [
      key(element),
      Buffer.from(element.address(length)).toString('hex'),
      element.targetPort(length),
      element.packets,
    ];
    expect(read(recordedMessages('nft-list-map-redirect4.answer'), target(4)).sort()).toEqual([
      ['TCP 8443', 'cb00711a', 443, 7],
      ['UDP 53', 'cb007135', 53, 4_294_967_301],
    ]);
    expect(read(recordedMessages('nft-list-map-redirect6.answer'), target(16))).toEqual([
      ['SCTP 3868', '20010db8011300000000000000000068', 3869, 1],
    ]);
  });
});

test('an unknown protocol is undefined', () => expect(protocolOf(47 * 2 ** 16)).toBeUndefined());

test('the values that the rules of a table write: fallbacks alone write a mark and an address', () => {
  const NEWRULE = 0x0a06;
  const values = messagesOf(createTable(ROUTER_TABLES['dual-stack-fallback-counters']))
    .filter(({ type }) => type === NEWRULE)
    .map(decodeNftRule)
    .map((rule) => [rule.chain, nftRuleValues(rule).map(({ bytes }) => Buffer.from(bytes).toString('hex'))] as const)
    .filter(([, texts]) => texts.length > 0);
  expect(values).toEqual([
    ['prerouting', ['07000000', 'cb007163']],
    ['prerouting', ['08000000', '20010db8011300000000000000000099']],
    ['postrouting', ['c0a80c63']],
    ['postrouting', ['20010db8001200000000000000000099']],
  ]);
});

describe('bytes that the kernel would not send', () => {
  const messages = ['set-sent', 'map-marks4', 'map-redirect4'].flatMap((name) =>
    recordedMessages(`nft-list-${name}.answer`),
  );

  /** Everything that can be asked of an element. */
  function readAll(message: Message): void {
    CountedElement.each(message, (element) => {
      for (const ask of [
        () => element.mark,
        () => element.portKey,
        () => element.markValue,
        () => element.address(4),
        () => element.targetPort(4),
        () => element.packets,
        () => element.bytes,
      ]) {
        refusedOrRead(ask);
      }
    });
  }

  let refused = 0;
  function refusedOrRead(read: () => unknown): void {
    try {
      read();
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      refused++;
    }
  }

  test('cut anywhere, they are refused or read as far as they go', () => {
    refused = 0;
    for (const message of messages) {
      for (let length = 0; length < message.payload.length; length++) {
        const payload = new ByteReader(message.payload.bytes.subarray(0, length));
        refusedOrRead(() => readAll({ ...message, payload }));
      }
    }
    expect(refused).toBeGreaterThan(100);
  });

  test('messages with any changed byte are rejected or read in finite time', () => {
    for (const message of messages) {
      for (let at = 0; at < message.payload.length; at++) {
        const bytes = Uint8Array.from(message.payload.bytes);
        bytes[at] = bytes[at]! ^ 0xff;
        refusedOrRead(() => readAll({ ...message, payload: new ByteReader(bytes) }));
      }
    }
  });
});
