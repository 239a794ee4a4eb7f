import { CODES } from '../../cni/protocol/cni-error';
import { readInvocation } from '../../cni/protocol/invocation';
import { RESOLVER_KEYS } from '../../src/domain/router/name-resolver';
import { decodeNetworkConfig, encodeNetworkConfig, IP_KEYS } from '../../src/domain/router/network-config';
import { DEFAULT_OPTIONS, encodeOptions, OPTION_KEYS } from '../../src/domain/router/router-options';
import { ENVIRONMENT } from '../support/call';
import { blocksOf, readDocument } from '../support/markdown';

const DOCUMENT = 'docs/netconf.md';
const EXAMPLES = blocksOf(DOCUMENT).filter(({ language }) => language === 'json');

/** Rows of the tables whose first cell is a key, a path or a code. */
const ROWS = readDocument(DOCUMENT)
  .split('\n')
  .map((line) => /^\| `?([\w.]+)`? \|/.exec(line)?.[1])
  .filter((cell) => cell !== undefined);

test('there are examples', () => expect(EXAMPLES.length).toBeGreaterThanOrEqual(3));

test.each(EXAMPLES.map(({ place, text }) => [place, text] as const))('%s is a configuration', (_place, text) => {
  expect(readInvocation({ ...ENVIRONMENT, CNI_COMMAND: 'ADD' }, text)).toMatchObject({ command: 'ADD' });
});

test("the operator's example has nothing but the operator's keys, and is complete", () => {
  const config = decodeNetworkConfig(JSON.parse(EXAMPLES[0]!.text));
  expect(config).toMatchObject({ cniVersion: '0.4.0', rules: [{}, {}, {}], fallbacks: [{ text: '203.0.113.27' }] });
});

test('the example with most of what can be said has a key for each option', () => {
  const keys = Object.keys(JSON.parse(EXAMPLES[1]!.text));
  expect(OPTION_KEYS.filter((key) => !keys.includes(key))).toEqual([]);
});

test('every key has a row, and every row of the tables of keys is a key', () => {
  const keys = [
    ...['cniVersion', 'name', 'type', 'formatVersion', 'podNamespace', 'interfaceType', 'interfaceArgs', 'mac'],
    ...['standbyMac', 'ip'],
    ...OPTION_KEYS,
    ...['mode', 'master', 'mtu'].map((key) => `interfaceArgs.${key}`),
    ...IP_KEYS.map((key) => `ip.${key}`),
    ...RESOLVER_KEYS.map((key) => `ip.resolver.${key}`),
  ];
  const documented = ROWS.filter((cell) => !/^\d+$|^[A-Z]+$|^runtimeConfig\b|^key$|^from$|^command$|^code$/.test(cell));
  expect(documented.sort()).toEqual(keys.sort());
});

test('every key stands among what reaches root', () => {
  const [, section] = /^## What reaches root$([\s\S]*?)^## /m.exec(readDocument('docs/security.md'))!;
  const inputs = [...section!.matchAll(/^\| ([^|]+) \|/gm)].map(([, cell]) => cell!).join(' ');
  const named = new Set([...inputs.matchAll(/`(\w+)`/g)].map(([, key]) => key));
  const known = ROWS.filter(
    (cell) => /^[a-z][A-Za-z_]*$/.test(cell) && !['key', 'from', 'command', 'code'].includes(cell),
  );
  expect(known.length).toBeGreaterThan(20);
  expect(known.filter((key) => !named.has(key))).toEqual([]);
});

test('the defaults are those of the code', () => {
  const defaults = Object.entries({ ...DEFAULT_OPTIONS, log_level: DEFAULT_OPTIONS.logLevel }).filter(([key]) =>
    OPTION_KEYS.includes(key),
  );
  for (const [key, value] of defaults) {
    expect(readDocument(DOCUMENT)).toMatch(
      new RegExp(`^\\| \`${key}\` \\| [^|]+ \\| \`${JSON.stringify(value)}\` \\|`, 'm'),
    );
  }
  expect(encodeOptions(DEFAULT_OPTIONS)).toEqual({});
});

test('the example values of the tables are accepted', () => {
  const example = JSON.parse(EXAMPLES[2]!.text);
  for (const [, key, text] of readDocument(DOCUMENT).matchAll(/^\| `(\w+)` \|.*\| `([^`]+)` \|$/gm)) {
    const value = JSON.parse(text!);
    expect({ key, value, name: decodeNetworkConfig({ ...example, [key!]: value }).name.length > 0 }).toMatchObject({
      name: true,
    });
  }
  expect(encodeNetworkConfig(decodeNetworkConfig(example))).toHaveProperty('mac');
});

test('every error code has a row, and no other', () => {
  const documented = ROWS.filter((cell) => /^\d+$/.test(cell)).map(Number);
  expect(documented).toEqual(Object.values(CODES));
});
