import { spawnSync } from 'node:child_process';
import { listTableCommand, shellCommand } from '../../../cni/doctor/shell-command';

/** Names that the kernel accepts for an interface. */
const NAMES = ['eth0', 'a;reboot', '$(x)', '`x`', 'a|b', "it's", 'a&', '>x', '#'];

test.each(NAMES)('a shell reads the name %s in a command as one word', (name) => {
  const { stdout, stderr } = spawnSync('sh', ['-c', shellCommand`printf '<%s>' ${name}   # of ${name}`], {
    encoding: 'utf8',
  });
  expect([stdout, stderr]).toEqual([`<${name}>`, '']);
});

test('plain names, numbers and lists of words are not quoted', () => {
  expect(shellCommand`nc ${['-s', '192.168.12.99']} ${'203.0.113.26'} ${443}`).toBe(
    'nc -s 192.168.12.99 203.0.113.26 443',
  );
});

test.each([
  ['ip mesh', 'table ip mesh'],
  ['inet _a.b-c', 'table inet _a.b-c'],
  ['inet x; flush ruleset', 'ruleset'],
  ['inet $(x)', 'ruleset'],
  ['inet x\ny', 'ruleset'],
  ['inet ', 'ruleset'],
])('the table %j is listed by nft list %s', (table, words) => {
  expect(listTableCommand(table)).toBe(`nft list ${words}   # in the pod's network namespace`);
});
