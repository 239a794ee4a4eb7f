import { RepeatedAnnouncement } from '../../../cni/address-conflict/announce';

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
  expect(dueSeconds(announcement, minute)).toEqual([100, 101, 102, 104, 108, 116, 132]);
});

test('missed announcements are sent once', () => {
  const announcement = new RepeatedAnnouncement();
  announcement.begin(100_000);
  expect(dueSeconds(announcement, [103, 104, 120, 121, 140, 141])).toEqual([103, 104, 120, 140]);
});

test('a link that comes back again begins anew', () => {
  const announcement = new RepeatedAnnouncement();
  announcement.begin(100_000);
  dueSeconds(announcement, [100, 101]);
  announcement.begin(102_000);
  expect(dueSeconds(announcement, minute.slice(2))).toEqual([102, 103, 104, 106, 110, 118, 134]);
});
