import type { Issue } from '../../domain/input/issue';
import type { EgressRouterProps } from '../egress-router-props';

/** The fields of a custom resource by the props that were made of them: a user knows the resource only. */
export class CustomResourceFields {
  /**
   * @param places the path of a field by that of its prop, with all that is in it
   * @param issues what is wrong with fields that no prop stands for
   * @param hasRedirect whether rules and fallback are where the resource has them; otherwise an issue says so
   */
  public constructor(
    private readonly places: ReadonlyMap<string, string>,
    public readonly issues: readonly Issue[],
    public readonly hasRedirect: boolean,
  ) {}

  /** The path of the field that a prop was made of; the prop's own where its value came from elsewhere. */
  public pathOf(path: string): string {
    for (const [prop, place] of this.places) {
      const rest = path.startsWith(prop) ? path.slice(prop.length) : undefined;
      if (rest === '' || rest?.startsWith('.') || rest?.startsWith('[')) return `${place}${this.spelled(rest)}`;
    }
    return path;
  }

  /** The issue by the names of the resource. Paths within its sentences are fields of the resource already. */
  public issueOf({ path, value, problem, accepted }: Issue): Issue {
    return { path: this.pathOf(path), value, problem: this.spelled(problem), accepted: this.spelled(accepted) };
  }

  /** The warning by the names of the resource. It may begin with the path of a prop: `fallbackIp: …`. */
  public warningOf(warning: string): string {
    const [path = ''] = /^[\w.[\]]+(?=: )/.exec(warning) ?? [];
    return `${this.pathOf(path)}${this.spelled(warning.slice(path.length))}`;
  }

  /** Two members are spelled differently in props. */
  private spelled(text: string): string {
    if (this.places.size === 0) return text;
    return text.replaceAll(/\b(destination|fallback)Ip\b/g, '$1IP');
  }
}

/** Of props that a user wrote. */
const NO_FIELDS = new CustomResourceFields(new Map(), [], true);

/** Of props that were made of a resource: the constructor of a public class takes no more than the props. */
const IMPORTED = new WeakMap<object, CustomResourceFields>();

/** Remembers the fields that the props were made of. */
export function rememberFields(props: EgressRouterProps, fields: CustomResourceFields): EgressRouterProps {
  IMPORTED.set(props, fields);
  return props;
}

/** The fields that the props were made of; none where a user wrote the props. */
export function fieldsOf(props: EgressRouterProps | null | undefined): CustomResourceFields {
  return IMPORTED.get(props ?? {}) ?? NO_FIELDS;
}
