import { identityOf } from '../../../cni/install/executable-identity';

const OURS = 'cdk8s-egress-router executable, version 1.2.3-rc.1;';
const OPENSHIFT = '\x00path\tgithub.com/openshift/egress-router-cni/cmd/egress-router\n';

const identityOfText = (text: string, ...cuts: number[]) => {
  const bytes = Buffer.from(text, 'latin1');
  const bounds = [0, ...cuts, bytes.length];
  return identityOf(bounds.slice(1).map((end, index) => bytes.subarray(bounds[index], end)));
};

test('ours is known by its marker, wherever a part of the file ends', async () => {
  const text = `\x7fELF ${OURS} and more`;
  for (let cut = 0; cut <= text.length; cut++)
    expect({ cut, ...(await identityOfText(text, cut)) }).toEqual({ cut, owner: 'ours', version: '1.2.3-rc.1' });
});

test("OKD's is known by its module's path, wherever a part of the file ends", async () => {
  for (let cut = 0; cut <= OPENSHIFT.length; cut++)
    expect({ cut, ...(await identityOfText(OPENSHIFT, cut)) }).toEqual({ cut, owner: 'openshift' });
});

test('ours names the words that it searches for, and is still ours', async () => {
  const searched = 'cdk8s-egress-router executable, version ([\\w.+-]+);';
  expect(await identityOfText(`${OPENSHIFT}${searched}${OURS}`)).toEqual({ owner: 'ours', version: '1.2.3-rc.1' });
  expect(await identityOfText(`${searched}`)).toEqual({ owner: 'unknown' });
});

test('the rest is unknown', async () => {
  expect(await identityOfText('#!/bin/sh\n')).toEqual({ owner: 'unknown' });
  expect(await identityOfText('')).toEqual({ owner: 'unknown' });
});
