import { ApiObject, type App, YamlOutputType } from 'cdk8s';
import type { IConstruct } from 'constructs';
import { addTo } from '../../domain/input/collections';
import type { Issue } from '../../domain/input/issue';

/**
 * Objects that cdk8s would write into one file, by the paths of the constructs around them: with
 * `YamlOutputType.FILE_PER_RESOURCE` a file is named after kind and name, and the namespace does not count, so that the
 * last object replaces the others.
 *
 * @see https://github.com/cdk8s-team/cdk8s-core/blob/2.x/src/app.ts
 */
export function fileConflicts(app: IConstruct): Map<string, Issue[]> {
  const issues = new Map<string, Issue[]>();
  if ((app as Partial<App>).yamlOutputType !== YamlOutputType.FILE_PER_RESOURCE) return issues;
  const files = new Map<string, IConstruct>();
  for (const object of app.node.findAll()) {
    if (!ApiObject.isApiObject(object)) continue;
    const file = `${object.kind}.${object.name}`;
    const first = files.get(file);
    if (first === undefined) files.set(file, object);
    else noteFor(object, issues, fileIssue(file, object, first));
  }
  return issues;
}

/** The router is one of the constructs around the object. */
function noteFor(object: IConstruct, issues: Map<string, Issue[]>, issue: Issue): void {
  for (const { node } of object.node.scopes) addTo(issues, node.path, issue);
}

function fileIssue(file: string, object: ApiObject, first: IConstruct): Issue {
  return {
    path: 'metadata.name',
    value: object.name,
    problem: `makes ${file}, which cdk8s writes to the same file as that of [${first.node.path}] with YamlOutputType.FILE_PER_RESOURCE`,
    accepted: 'another name; or YamlOutputType.FILE_PER_CHART, or FOLDER_PER_CHART_FILE_PER_RESOURCE',
  };
}
