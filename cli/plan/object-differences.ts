import { isDeepStrictEqual } from 'node:util';
import { type KubernetesObject, record } from '../input/kubernetes-object';

/** The longest value that a line shows whole. */
const LONGEST_VALUE = 60;

/**
 * Where two objects differ, a line for each smallest part: `~ Deployment spec.replicas: 1 → 0`.
 *
 * @param isElsewhere paths whose differences another line tells better
 */
export function objectDifferences(
  kind: string,
  before: KubernetesObject | undefined,
  after: KubernetesObject | undefined,
  isElsewhere: (path: string) => boolean = () => false,
): string[] {
  if (before === undefined || after === undefined) {
    if (before === after) return [];
    return [after === undefined ? `- ${kind} ${before!.metadata.name}` : `+ ${kind} ${after.metadata.name}`];
  }
  return valueDifferences('', before.body, after.body)
    .filter(({ path }) => !isElsewhere(path))
    .map(({ path, old, now }) => line(kind, path, old, now));
}

interface ValueDifference {
  readonly path: string;
  readonly old: unknown;
  readonly now: unknown;
}

function valueDifferences(path: string, old: unknown, now: unknown): ValueDifference[] {
  if (isDeepStrictEqual(old, now)) return [];
  const [oldRecord, nowRecord] = [record(old), record(now)];
  if (oldRecord !== undefined && nowRecord !== undefined) {
    return [...new Set([...Object.keys(oldRecord), ...Object.keys(nowRecord)])].flatMap((key) =>
      valueDifferences(path === '' ? key : `${path}.${keyText(key)}`, own(oldRecord, key), own(nowRecord, key)),
    );
  }
  if (Array.isArray(old) && Array.isArray(now) && old.length === now.length) {
    return old.flatMap((item, index) => valueDifferences(`${path}[${index}]`, item, now[index]));
  }
  return [{ path, old, now }];
}

/** A key may be called as something that every object inherits. */
const own = (holder: Readonly<Record<string, unknown>>, key: string) =>
  Object.hasOwn(holder, key) ? holder[key] : undefined;
const keyText = (key: string) => (/^[\w-]+$/.test(key) ? key : JSON.stringify(key));

function line(kind: string, path: string, old: unknown, now: unknown): string {
  if (old === undefined) return `+ ${kind} ${path}: ${valueText(now)}`;
  if (now === undefined) return `- ${kind} ${path}: ${valueText(old)}`;
  return `~ ${kind} ${path}: ${valueText(old)} → ${valueText(now)}`;
}

function valueText(value: unknown): string {
  const text = typeof value === 'string' ? value : JSON.stringify(value);
  return text.length > LONGEST_VALUE ? `${text.slice(0, LONGEST_VALUE)}…` : text;
}
