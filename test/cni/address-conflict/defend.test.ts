import { AddressDefence, DEFEND_INTERVAL, QUIET_TIME } from '../../../cni/address-conflict/defend';
import { ip } from '../../support/recorded-frame';

const [B, C] = ['02:00:00:00:0b:0b', '02:00:00:00:0c:0c'];

/** Some moment of a clock that began long ago. */
const START = 7_654_321;
const SECOND = 1000;

const defence = () => new AddressDefence(ip('192.0.2.9'));

/** One that heard another host again at START. */
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

test('a host that is heard once is answered, and is not a problem', () => {
  const own = defence();
  expect(own.recordConflict(B, START)).toEqual({ announces: true, isNew: true });
  expect(own.problem).toBeUndefined();
  expect(secondsOf(own, 0, 100)).toEqual({ asked: [], regained: [] });
});

test('a host that is heard again within ten seconds is named, and not answered', () => {
  const own = defence();
  own.recordConflict(B, START);
  expect(own.recordConflict(C, START + DEFEND_INTERVAL)).toEqual({ announces: false, isNew: true });
  expect(own.problem).toBe(`192.0.2.9 is also claimed by another host: ${C} kept it after the announcement`);
});

test('a host that is heard every eleven seconds is answered every time, and is one conflict', () => {
  const own = defence();
  const steps = [0, 11, 22, 33].map((second) => own.recordConflict(B, START + second * SECOND));
  expect(steps.map(({ announces }) => announces)).toEqual([true, true, true, true]);
  expect(steps.map(({ isNew }) => isNew)).toEqual([true, false, false, false]);
  expect(own.problem).toBeUndefined();
});

test('the address is defended for ever, at most once in ten seconds', () => {
  const own = defence();
  const announced: number[] = [];
  for (let second = 0; second <= 3600; second++) {
    if (own.recordConflict(B, START + second * SECOND).announces) announced.push(second);
  }
  expect(announced.slice(0, 4)).toEqual([0, 11, 22, 33]);
  expect(announced).toHaveLength(Math.floor(3600 / 11) + 1);
  expect(own.problem).toContain(B);
});

test('a conflict ends after a minute of silence with three unanswered probes', () => {
  expect(secondsOf(disputed(), 1, 100)).toEqual({ asked: [57, 58, 59], regained: [60] });
  expect(QUIET_TIME).toBe(60 * SECOND);
});

test('an answer begins the minute anew', () => {
  const own = disputed();
  secondsOf(own, 1, 58);
  expect(own.recordConflict(B, START + 59 * SECOND)).toEqual({ announces: true, isNew: false });
  expect(secondsOf(own, 59, 200)).toEqual({ asked: [116, 117, 118], regained: [119] });
});

test('silence of a link that is down does not count: the probes are sent when it is back', () => {
  const found = secondsOf(disputed(), 1, 300, (second) => second >= 200);
  expect(found).toEqual({ asked: [200, 201, 202], regained: [203] });
});

test('a host that is heard after the end of a conflict begins a new one', () => {
  const own = disputed();
  secondsOf(own, 1, 60);
  expect(own.problem).toBeUndefined();
  expect(own.recordConflict(B, START + 61 * SECOND)).toEqual({ announces: true, isNew: true });
  expect(own.problem).toBeUndefined();
});
