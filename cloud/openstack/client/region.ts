import { Field } from '../../../src/domain/input/decoder';
import type { Issue } from '../../../src/domain/input/issue';
import { checkSection, withoutMembers } from './setting-source';

/** A region of a cloud. */
export interface Region {
  readonly name?: string;
  /** The region's settings, which override those of the cloud. */
  readonly values?: Field;
}

/**
 * Selects the region of a cloud of clouds.yaml as openstacksdk does: the requested one, which must be one of `regions`
 * if they are listed; else the first of them.
 *
 * @param asked the program's choice
 * @param variable `OS_REGION_NAME`
 * @see https://docs.openstack.org/openstacksdk/latest/user/config/configuration.html#per-region-settings
 */
export function chooseRegion(cloud: Field, asked: string | undefined, variable: Field, issues: Issue[]): Region {
  const inProgram = Field.root({ region: asked }, issues).member('region');
  const own = withoutMembers(cloud.member('region_name'));
  const known = cloud.member('regions').given(readRegions) ?? [];
  if (known.length === 0) return { name: nameOf([inProgram, own, variable]) };
  own.given((field) =>
    field.refuse(
      'is given beside `regions`, of which openstacksdk uses the first',
      'one of the two, or `region` in the program',
    ),
  );
  const wanted = [inProgram, variable].find(({ isGiven }) => isGiven);
  const found = wanted === undefined ? known[0] : known.find(({ name }) => name === wanted.value);
  return (
    found ?? wanted!.refuse('is not in the `regions` of this cloud', known.map(({ name }) => name).join(', ')) ?? {}
  );
}

function nameOf(places: readonly Field[]): string | undefined {
  const accepted = 'the name of one region; several are listed under `regions`';
  const field = places.find(({ isGiven }) => isGiven);
  const name = field?.text(accepted);
  return name?.includes(',') ? field!.refuse('is a list', accepted) : name;
}

function readRegions(list: Field): Region[] {
  const accepted = 'a list of names, or of { name, values }';
  const shown = Array.isArray(list.value) ? list : withoutMembers(list);
  return shown.elements(accepted).flatMap((field) => {
    const isTable = typeof field.value === 'object';
    if (isTable && !withoutMembers(field).isObjectOf(['name', 'values'])) return [];
    const name = withoutMembers(isTable ? field.member('name') : field).text(accepted);
    const values = isTable ? field.member('values') : undefined;
    if (values !== undefined) checkSection(values);
    return name === undefined ? [] : [{ name, values }];
  });
}
