import type { Construct } from 'constructs';
import { EgressRouter, type EgressRouterProps } from '../../src';
import { errorsOf, newChart, STANDALONE, synthErrors, synthRouter } from '../support/synth';

/** Props that no compiler has checked. */
const raw = (props: unknown) => props as EgressRouterProps;

test.each([
  [undefined, '(nothing) is missing'],
  [null, 'is missing'],
  ['db', 'is not an object'],
  [[], 'is not an object'],
])('props %j are an issue of their router, and do not hide those of another', (props, problem) => {
  const chart = newChart();
  new EgressRouter(chart, 'one', raw(props));
  new EgressRouter(chart, 'two', { ...STANDALONE, fallbackIp: 'x' });
  const errors = synthErrors(chart);
  expect(errors[0]).toContain('[prod/one] ');
  expect(errors[0]).toContain(problem);
  expect(errors[0]).toContain('; accepted: the props of a router');
  expect(errors.filter((error) => error.startsWith('[prod/two]'))).toEqual([
    expect.stringContaining('[prod/two] fallbackIp: "x" is not an IP address'),
  ]);
});

test('a prop that is undefined says nothing, whatever its name', () => {
  expect(synthRouter(raw({ ...STANDALONE, foo: undefined }))).toEqual(synthRouter(STANDALONE));
  expect(errorsOf({ ...STANDALONE, foo: null })).toEqual([
    expect.stringContaining('[prod/db] foo: null is an unknown key'),
  ]);
});

describe('a subclass', () => {
  interface TeamProps extends EgressRouterProps {
    readonly team: string;
  }

  class TeamRouter extends EgressRouter {
    public constructor(scope: Construct, id: string, props: TeamProps) {
      super(scope, id, { ...props, metadata: { labels: { team: props.team } } });
    }
  }

  const errorsOfTeam = (props: object) => {
    const chart = newChart();
    new TeamRouter(chart, 'db', { ...STANDALONE, team: 'a', ...props });
    return synthErrors(chart);
  };

  test('may have props of its own', () => expect(errorsOfTeam({})).toEqual([]));

  test.each([
    ['fallbackIP', '203.0.113.27', 'fallbackIp'],
    ['redirectRule', [], 'redirectRules'],
    ['liveRules', true, 'mode: RouterMode.standalone({ liveRules })'],
    ['provisioning', 'standalone', 'mode'],
  ])('is refused %s, which looks like a mistake', (key, value, meant) => {
    expect(errorsOfTeam({ [key]: value })).toEqual([
      expect.stringContaining(
        `[prod/db] ${key}: ${JSON.stringify(value)} is an unknown key (did you mean "${meant}"?)`,
      ),
    ]);
  });
});
