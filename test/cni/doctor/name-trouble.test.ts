import { effect, findingsOf, type NameTrouble } from '../../../cni/doctor/names/name-trouble';
import { shellCommand } from '../../../cni/doctor/shell-command';
import { type IpAddress, parseIpAddress } from '../../../src/domain/values/ip-address';

const trouble = (name: string, ofSeveral: string, notes: readonly string[] = []): NameTrouble => ({
  id: 'name-unresolved',
  name,
  problem: `${name} does not resolve`,
  ofSeveral,
  notes,
  explanation: 'It is so.',
  commands: [shellCommand`dig ${name}`],
});

test('names with one trouble are one finding, with the command of the first', () => {
  const all = [
    trouble('a.example', 'do not resolve'),
    trouble('b.example', 'are slow'),
    trouble('c.example', 'do not resolve', ['connections are refused']),
  ];
  expect(findingsOf(all)).toMatchObject([
    {
      problem: '2 names do not resolve.',
      details: ['a.example', 'c.example: connections are refused'],
      commands: ['dig a.example'],
    },
    { problem: 'b.example does not resolve.' },
  ]);
  expect(findingsOf([trouble('b.example', 'are slow')])[0]!.details).toBeUndefined();
});

test('a host with many addresses is shown with the first five', () => {
  const ip = (index: number) => parseIpAddress(`203.0.113.${index}`) as IpAddress;
  expect(effect([1, 2, 3, 4, 5, 6, 7].map(ip))).toEqual([
    'clients still get 203.0.113.1, 203.0.113.2, 203.0.113.3, 203.0.113.4, 203.0.113.5 and 2 more',
  ]);
  expect([effect([]), effect(undefined)]).toEqual([['connections are refused'], []]);
});
