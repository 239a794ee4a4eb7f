import { member, records, texts } from './kubernetes-object';

type Labels = Readonly<Record<string, string>>;

/**
 * Whether a `LabelSelector` matches these labels. An empty one matches everything.
 *
 * @see https://kubernetes.io/docs/concepts/overview/working-with-objects/labels/#resources-that-support-set-based-requirements
 */
export function takes(selector: unknown, labels: Labels): boolean {
  return (
    hasAll(texts(member(selector, 'matchLabels')), labels) &&
    records(member(selector, 'matchExpressions')).every((expression) => isMet(expression, labels))
  );
}

/** Whether all wanted labels are present. */
export function hasAll(wanted: Labels, labels: Labels): boolean {
  return Object.entries(wanted).every(([name, value]) => labels[name] === value);
}

function isMet({ key, operator, values }: Readonly<Record<string, unknown>>, labels: Labels): boolean {
  const value = labels[String(key)];
  const isListed = Array.isArray(values) && values.includes(value);
  switch (operator) {
    case 'In':
      return isListed;
    case 'NotIn':
      // Objects without the label match, too.
      return !isListed;
    case 'Exists':
      return value !== undefined;
    case 'DoesNotExist':
      return value === undefined;
    default:
      return false;
  }
}
