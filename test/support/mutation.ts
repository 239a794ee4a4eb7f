import type { Random } from './random';

export type Json = string | number | boolean | null | Json[] | { [key: string]: Json };

/** Values that programs stumble over. */
const ODD: readonly Json[] = [
  null,
  true,
  false,
  0,
  -1,
  1.5,
  1e308,
  65535,
  65536,
  2 ** 53,
  '',
  ' ',
  '0',
  '\u0000',
  '\ud800',
  'ü'.repeat(20),
  'x'.repeat(300),
  '__proto__',
  '192.168.12.99/24',
  '::ffff:10.0.0.1',
  '0.0.0.0/0',
  '80 TCP 203.0.113.26 443',
  [],
  [[]],
  {},
  { ip: {} },
];

/** Keys that mean something somewhere in a configuration, or to JavaScript. */
const KEYS = [
  'cniVersion',
  'name',
  'ip',
  'addresses',
  'gateways',
  'fallbackIP',
  'mac',
  'ips',
  'runtimeConfig',
  'prevResult',
  'interfaces',
  'cni.dev/valid-attachments',
  '__proto__',
  'toString',
];

/** One place of a tree: an object or list, and a key of it. */
interface Place {
  readonly holder: { [key: string]: Json };
  readonly key: string;
}

/** A copy with one to three mistakes in it. */
export function mutated(tree: Json, random: Random): Json {
  const root = { root: structuredCopy(tree) };
  const places = placesOf(root);
  for (let count = 1 + random.below(3); count > 0; count--) {
    random.oneOf(MUTATIONS)(random.oneOf(places), random, places);
  }
  return root.root;
}

/** Text that was JSON, with one mistake in it. */
export function mutatedText(text: string, random: Random): string {
  const at = random.below(text.length);
  const inserted = random.oneOf(['', '{', '"', ',', ']', '\\', '\u0000', '9'.repeat(400), '\ud800']);
  return text.slice(0, at) + inserted + (random.once(4) ? '' : text.slice(at + random.below(3)));
}

type Mutation = (place: Place, random: Random, places: readonly Place[]) => void;

const MUTATIONS: readonly Mutation[] = [
  ({ holder, key }, random) => assign(holder, key, structuredCopy(random.oneOf(ODD))),
  ({ holder, key }) => remove(holder, key),
  ({ holder, key }, random, places) => {
    const other = random.oneOf(places);
    assign(holder, key, structuredCopy(other.holder[other.key] ?? null));
  },
  ({ holder, key }, random) => {
    const value = structuredCopy(holder[key] ?? null);
    if (Array.isArray(holder)) holder.push(value);
    else assign(holder, random.once(2) ? random.oneOf(KEYS) : changedText(key, random), value);
  },
  ({ holder, key }, random) => {
    const value = holder[key];
    if (typeof value === 'string') assign(holder, key, changedText(value, random));
    else if (typeof value === 'number') assign(holder, key, random.oneOf([value + 1, value - 1, -value, value * 1000]));
    else assign(holder, key, [value ?? null]);
  },
  ({ holder, key }) => {
    const value = holder[key];
    assign(holder, key, typeof value === 'string' ? Number(value) || [value] : JSON.stringify(value ?? 7));
  },
];

/** Never the prototype: `__proto__` becomes a key like any other, as JSON.parse makes it. */
function assign(holder: { [key: string]: Json }, key: string, value: Json): void {
  if (key !== '__proto__') holder[key] = value;
  else Object.defineProperty(holder, key, { value, enumerable: true, configurable: true, writable: true });
}

function remove(holder: object, key: string): void {
  if (Array.isArray(holder)) holder.splice(Number(key), 1);
  else if (key !== 'root') Reflect.deleteProperty(holder, key);
}

function changedText(text: string, random: Random): string {
  const at = random.below(text.length + 1);
  const inserted = random.oneOf(['', '0', '9', ':', '.', '/', ' ', '-', 'x', text]);
  return text.slice(0, at) + inserted + text.slice(at + random.below(2));
}

function placesOf(holder: { [key: string]: Json }, found: Place[] = []): Place[] {
  for (const key of Object.keys(holder)) {
    found.push({ holder, key });
    const value = holder[key];
    if (typeof value === 'object' && value !== null) placesOf(value as { [key: string]: Json }, found);
  }
  return found;
}

/** Quicker than structuredClone, and a million are needed. */
function structuredCopy(value: Json): Json {
  if (typeof value !== 'object' || value === null) return value;
  if (Array.isArray(value)) return value.map(structuredCopy);
  const copy = {};
  for (const key of Object.keys(value)) assign(copy, key, structuredCopy(value[key]!));
  return copy;
}
