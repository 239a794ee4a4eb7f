import { ByteReader } from '../../../cni/netlink/byte-reader';

const reader = (hex: string) => new ByteReader(Uint8Array.from(Buffer.from(hex, 'hex')));

test('values are read in host byte order unless their name says otherwise', () => {
  const bytes = reader('00fedcba98');
  expect(bytes.u8(1)).toBe(0xfe);
  expect(bytes.u16(1)).toBe(0xdcfe);
  expect(bytes.u16be(1)).toBe(0xfedc);
  expect(bytes.u32(1)).toBe(0x98badcfe);
  expect(bytes.u32be(1)).toBe(0xfedcba98);
  expect(bytes.i32(1)).toBe(0x98badcfe | 0);
  expect(bytes.i32be(1)).toBe(0xfedcba98 | 0);
  expect(bytes.u8()).toBe(0);
});

const READS: readonly (readonly [name: string, width: number, read: (bytes: ByteReader, at: number) => number])[] = [
  ['u8', 1, (bytes, at) => bytes.u8(at)],
  ['u16', 2, (bytes, at) => bytes.u16(at)],
  ['u16be', 2, (bytes, at) => bytes.u16be(at)],
  ['u32', 4, (bytes, at) => bytes.u32(at)],
  ['u32be', 4, (bytes, at) => bytes.u32be(at)],
  ['i32', 4, (bytes, at) => bytes.i32(at)],
  ['i32be', 4, (bytes, at) => bytes.i32be(at)],
];

test.each(READS)('%s reads no byte beyond the end, nor before the beginning of its part', (_, width, read) => {
  const part = reader('0102030405060708').slice(2, 6);
  expect(read(part, 4 - width)).toBeGreaterThan(0);
  expect(() => read(part, 5 - width)).toThrow(RangeError);
  expect(() => read(part, -1)).toThrow(RangeError);
});

test('a part shares the bytes, and lies within the whole', () => {
  const whole = reader('01020304');
  expect([...whole.slice(1, 3).bytes]).toEqual([2, 3]);
  expect([...whole.slice(1).bytes]).toEqual([2, 3, 4]);
  expect(whole.slice(4).length).toBe(0);
  for (const [start, end] of [
    [-1, 2],
    [3, 2],
    [0, 5],
    [5, 5],
  ]) {
    expect(() => whole.slice(start!, end)).toThrow(
      new RangeError(`bytes ${start} to ${end} of a netlink message that has 4`),
    );
  }
});

test.each([
  ['6e65743100', 'net1'],
  ['6e657431', 'net1'],
  ['6e65740031', 'net'],
  ['c3a9', 'é'],
  ['', ''],
])('text in %s', (hex, text) => {
  expect(reader(hex).text()).toBe(text);
});

test('attributes: types without flags, whether they are nests, and payloads without padding', () => {
  const attributes = [...reader('ffff 05000340 07000000 08000280 04000100'.replaceAll(' ', '')).attributes(2)];
  expect(
    attributes.map(({ type, isNested, payload }) => [type, isNested, Buffer.from(payload.bytes).toString('hex')]),
  ).toEqual([
    [3, false, '07'],
    [2, true, '04000100'],
  ]);
});

test('the last attribute of a type counts, and its padding may be missing', () => {
  const map = reader('080001000100000005000100ff').attributeMap();
  expect([...map.keys()]).toEqual([1]);
  expect(map.get(1)!.u8()).toBe(0xff);
});

test.each([
  ['shorter than its own header', '0300010000000000', 'netlink attribute of 3 bytes'],
  ['of no length, which would never end', '0000010000000000', 'netlink attribute of 0 bytes'],
  ['longer than the message', '0900010000000000', 'bytes 4 to 9 of a netlink message that has 8'],
])('an attribute %s is refused', (_, hex, message) => {
  expect(() => reader(hex).attributeMap()).toThrow(new RangeError(message));
});

test('attributes behind the end are none', () => {
  expect(reader('0102').attributeMap(8).size).toBe(0);
});
