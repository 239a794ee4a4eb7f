import { ByteWriter, NLA_F_NESTED } from '../../../cni/netlink/byte-writer';

const hex = (writer: ByteWriter) => Buffer.from(writer.bytes).toString('hex');

test.each([
  ['u8', new ByteWriter().u8(0xfe), 'fe'],
  ['u16', new ByteWriter().u16(0x1234), '3412'],
  ['u16be', new ByteWriter().u16be(0x1234), '1234'],
  ['u32', new ByteWriter().u32(0xfedcba98), '98badcfe'],
  ['u32be', new ByteWriter().u32be(0xfedcba98), 'fedcba98'],
  ['raw', new ByteWriter().raw([1, 2, 3]), '010203'],
  ['zeros', new ByteWriter().u8(1).zeros(3), '01000000'],
  ['text', new ByteWriter().text('net1'), '6e65743100'],
  ['text in UTF-8', new ByteWriter().text('é'), 'c3a900'],
  ['align', new ByteWriter().u8(1).align(), '01000000'],
  ['align where nothing is missing', new ByteWriter().u32(1).align(), '01000000'],
  ['attribute without payload', new ByteWriter().attribute(9, () => undefined), '04000900'],
  [
    'attribute, with padding that its length does not count',
    new ByteWriter().attribute(3, (w) => w.u8(7)),
    '0500030007000000',
  ],
  ['attributeHeader', new ByteWriter().attributeHeader(3, 4), '08000300'],
])('%s', (_, writer, expected) => {
  expect(hex(writer)).toBe(expected);
  expect(writer.length).toBe(expected.length / 2);
});

test('a nest has the lengths of what is in it, and the flag', () => {
  const writer = new ByteWriter().nested(18, (info) =>
    info.attribute(1, (w) => w.text('ab')).nested(2, (data) => data.attribute(1, (w) => w.u32(4))),
  );
  expect(hex(writer)).toBe(['18001280', '0700010061620000', '0c000280', '0800010004000000'].join(''));
  expect(NLA_F_NESTED).toBe(0x8000);
});

test.each([0, 1, 3, 7])('a writer that began with %i bytes grows, and loses nothing', (capacity) => {
  const writer = new ByteWriter(capacity);
  for (let index = 0; index < 300; index++) writer.nested(1, (nest) => nest.attribute(2, (w) => w.u32be(index)));
  const expected = Array.from({ length: 300 }, (_, index) => {
    const value = index.toString(16).padStart(8, '0');
    return `0c00018008000200${value}`;
  });
  expect(hex(writer)).toBe(expected.join(''));
});

test('an earlier value can be read and replaced, after the buffer has moved too', () => {
  const writer = new ByteWriter(4).u32(1).zeros(100);
  expect(writer.readU32(0)).toBe(1);
  writer.setU32(0, 0xffffffff);
  expect(writer.readU32(0)).toBe(0xffffffff);
});

test('an attribute longer than its 16 bits can say is refused', () => {
  expect(new ByteWriter().attribute(3, (w) => w.zeros(65_531)).length).toBe(65_536);
  expect(() => new ByteWriter().attribute(3, (w) => w.zeros(65_532))).toThrow(
    new RangeError('netlink attribute 3 has 65536 bytes; at most 65535 fit'),
  );
});
