import { AddressDefence, DEFEND_INTERVAL, QUIET_TIME } from '../../../cni/address-conflict/defend';
import { ip } from '../../support/recorded-frame';

const [B, C] = ['02:00:00:00:0b:0b', '02:00:00:00:0c:0c'];

/** Some moment of a clock that began long ago. */
const START = 7_654_321;
const SECOND = 1000;

const defence = () => new AddressDefence(ip('192.0.2.9'));

/** One that lost its address at START. */
function disputed(): AddressDefence {
  const lost = defence();
  lost.recordConflict(B, START - SECOND);
  lost.recordConflict(B, START);
  return lost;
}

/** The seconds, counted from START, at which it asks, and at which the address is its own again. */
function secondsOf(lost: AddressDefence, from: number, to: number, isUsable = (_second: number) => true) {
  const asked: number[] = [];
  const regained: number[] = [];
  for (let second = from; second <= to; second++) {
    const now = START + second * SECOND;
    if (lost.regain(now)) regained.push(second);
    if (isUsable(second) && lost.startDueProbe(now)) asked.push(second);
  }
  return { asked, regained };
}

test('a host that is heard once is answered, and the router stays ready', () => {
  const own = defence();
  expect(own.recordConflict(B, START)).toBe(true);
  expect(own.isDisputed).toBe(false);
  expect(own.problem).toBeUndefined();
  expect(secondsOf(own, 0, 100)).toEqual({ asked: [], regained: [] });
});

test('a host that is heard again within ten seconds is named as a second holder, and not answered', () => {
  const own = defence();
  own.recordConflict(B, START);
  expect(own.recordConflict(C, START + DEFEND_INTERVAL)).toBe(false);
  expect(own.isDisputed).toBe(true);
  expect(own.problem).toBe(`192.0.2.9 is also held by another host: ${C} kept it after the announcement`);
});

test('a host that is heard every eleven seconds is answered every time', () => {
  const own = defence();
  const answered = [0, 11, 22, 33].map((second) => own.recordConflict(B, START + second * SECOND));
  expect(answered).toEqual([true, true, true, true]);
  expect(own.problem).toBeUndefined();
});

test('a dispute ends after a minute of silence with three unanswered probes', () => {
  expect(secondsOf(disputed(), 1, 100)).toEqual({ asked: [57, 58, 59], regained: [60] });
  expect(QUIET_TIME).toBe(60 * SECOND);
});

test('an answer begins the minute anew', () => {
  const lost = disputed();
  secondsOf(lost, 1, 58);
  expect(lost.recordConflict(B, START + 59 * SECOND)).toBe(false);
  expect(secondsOf(lost, 59, 200)).toEqual({ asked: [116, 117, 118], regained: [119] });
});

test('silence of a link that is down does not count: the probes are sent when it is back', () => {
  const found = secondsOf(disputed(), 1, 300, (second) => second >= 200);
  expect(found).toEqual({ asked: [200, 201, 202], regained: [203] });
});

test('an address that is ours again is defended as at first', () => {
  const own = disputed();
  secondsOf(own, 1, 60);
  expect(own.problem).toBeUndefined();
  expect(own.recordConflict(B, START + 61 * SECOND)).toBe(true);
  expect(own.isDisputed).toBe(false);
});
