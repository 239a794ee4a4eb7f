import { ByteReader } from '../../../cni/netlink/byte-reader';
import { ByteWriter } from '../../../cni/netlink/byte-writer';
import { type Message, NLMSG_DONE, NLMSG_ERROR } from '../../../cni/netlink/message';
import { refusal } from '../../../cni/netlink/refusal';
import { recordedMessages } from '../../support/recorded-netlink';

const [NLM_F_CAPPED, NLM_F_ACK_TLVS] = [0x100, 0x200];
const SENTENCE = 'Nexthop has invalid gateway';

/** As the kernel answers, repeating `repeated` bytes of the request. */
function message(type: number, flags: number, error: number, repeated = 0, sentence?: string): Message {
  const writer = new ByteWriter().u32(error);
  if (repeated > 0) writer.u32(repeated).zeros(12);
  if (repeated > 0 && !(flags & NLM_F_CAPPED)) writer.zeros(repeated - 16).align();
  if (sentence !== undefined) writer.attribute(2, (w) => w.u32(20)).attribute(1, (w) => w.text(sentence));
  return { type, flags, sequence: 1, payload: new ByteReader(writer.bytes) };
}

test.each([
  ['an acknowledgement', message(NLMSG_ERROR, NLM_F_CAPPED, 0, 32)],
  ['an acknowledgement with a warning', message(NLMSG_ERROR, NLM_F_CAPPED | NLM_F_ACK_TLVS, 0, 32, SENTENCE)],
  ['the end of a dump', message(NLMSG_DONE, 0, 0)],
  ['the end of a dump that counts something', message(NLMSG_DONE, 0, 36)],
])('%s is not a refusal', (_, given) => {
  expect(refusal(given, 'ip link show')).toBeUndefined();
});

test.each([
  ['the header of the request', NLM_F_CAPPED, 32],
  ['the whole request', 0, 32],
  ['the whole request, and padding', 0, 33],
])('the kernel’s sentence stands behind %s', (_, flags, repeated) => {
  const refused = refusal(
    message(NLMSG_ERROR, flags | NLM_F_ACK_TLVS, -22, repeated, SENTENCE),
    'ip route add default',
  );
  expect(refused?.message).toBe(`ip route add default: EINVAL, invalid argument (${SENTENCE})`);
});

test('a rejection without a message has only the number', () => {
  const refused = refusal(message(NLMSG_ERROR, NLM_F_CAPPED, -17, 32), 'ip link add net1');
  expect(refused).toMatchObject({ operation: 'ip link add net1', errno: 17, kernelMessage: undefined });
  expect(refused?.message).toBe('ip link add net1: EEXIST, exists already');
});

test.each([
  [4, 'ipv4: FIB table does not exist'],
  [6, 'ipv6: FIB table does not exist'],
])('a dump of IPv%i that failed says so in the message that ends it', (family, sentence) => {
  const [end] = recordedMessages(`ip-${family}-route-show-table-4000.answer`);
  expect(end!.type).toBe(NLMSG_DONE);
  expect(refusal(end!, 'ip route show table 4000')).toMatchObject({ errno: 2, kernelMessage: sentence });
});

test('a message that ends early is refused, or says less', () => {
  const whole = message(NLMSG_ERROR, NLM_F_ACK_TLVS, -22, 32, SENTENCE);
  let refused = 0;
  for (let length = 0; length < whole.payload.length; length++) {
    try {
      const cut = refusal({ ...whole, payload: whole.payload.slice(0, length) }, 'x');
      expect(cut?.errno).toBe(22);
      expect(cut?.kernelMessage).toBeUndefined();
    } catch (error) {
      expect(error).toBeInstanceOf(RangeError);
      refused++;
    }
  }
  expect(refused).toBeGreaterThan(30);
});
