import { announcementPhase, RepeatedAnnouncement } from '../../../cni/address-conflict/repeated-announcement';
import { ip } from '../../support/recorded-frame';

/** The seconds at which an announcement is due, of those at which it is asked. */
function dueSeconds(announcement: RepeatedAnnouncement, seconds: readonly number[]): number[] {
  return seconds.filter((second) => announcement.isDue(second * 1000));
}

const minute = Array.from({ length: 60 }, (_, second) => second + 100);

test('no announcement is due before an event', () => {
  expect(dueSeconds(new RepeatedAnnouncement(), minute)).toEqual([]);
});

test('at once, and ever rarer for half a minute', () => {
  const announcement = new RepeatedAnnouncement();
  announcement.begin(100_000);
  expect(dueSeconds(announcement, minute)).toEqual([100, 104, 108, 116, 132]);
});

test('a router with another phase announces in the same rounds, later in each', () => {
  const announcement = new RepeatedAnnouncement();
  announcement.begin(100_000, 0.5);
  expect(dueSeconds(announcement, minute)).toEqual([102, 106, 112, 124, 140]);
});

test('missed announcements are sent once', () => {
  const announcement = new RepeatedAnnouncement();
  announcement.begin(100_000);
  expect(dueSeconds(announcement, [103, 105, 120, 121, 140, 141])).toEqual([103, 105, 120, 140]);
});

test('a link that comes back again begins anew', () => {
  const announcement = new RepeatedAnnouncement();
  announcement.begin(100_000);
  dueSeconds(announcement, [100, 104]);
  announcement.begin(105_000);
  expect(dueSeconds(announcement, minute.slice(5))).toEqual([105, 109, 113, 121, 137]);
});

/** The most routers that announce in one second, of those with checks at any part of a second. */
function mostInOneSecond(addresses: readonly string[]): number {
  const times = addresses.flatMap((text) => {
    const announcement = new RepeatedAnnouncement();
    announcement.begin(0, announcementPhase(ip(text)));
    // Checks ten times a second: what one of each second would move is at most a second.
    return Array.from({ length: 600 }, (_, tenth) => tenth).filter((tenth) => announcement.isDue(tenth * 100));
  });
  return Math.max(...times.map((from) => times.filter((time) => time >= from && time < from + 10).length));
}

const routers = (count: number, text: (index: number) => string) =>
  Array.from({ length: count }, (_, index) => text(index));

test.each([
  ['next to each other', (index: number) => `192.168.12.${90 + index}`],
  ['ten apart', (index: number) => `192.168.12.${10 * index}`],
  ['in subnets of their own', (index: number) => `10.${index}.0.99`],
  ['of IPv6', (index: number) => `2001:db8:12::${(0x90 + index).toString(16)}`],
])('the routers of a node do not announce in the same second: addresses %s', (_what, text) => {
  for (const count of [5, 10, 20]) {
    // A quarter in each second of the first rounds, and one more here and there.
    expect(mostInOneSecond(routers(count, text))).toBeLessThanOrEqual(Math.ceil(count / 4) + 2);
  }
});
