import { describe, expect, it } from 'vitest';
import { LogError } from '#schema/log/log-error.ts';
import { formatAddCheckpoint, parseAddCheckpoint } from '#schema/log/witness-request.ts';

/** The example of c2sp.org/tlog-witness. */
const example = `old 20852014
PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=
jrJZDmY8Y7SyJE0MWLpLozkIVMSMZcD5kvuKxPC3swk=
5+pKlUdi2LeF/BcMHBn+Ku6yhPGNCswZZD1X/6QgPd8=
/6WVhPs2CwSsb5rYBH5cjHV/wSmA79abXAwhXw3Kj/0=

example.com/behind-the-sofa
20852163
CsUYapGGPo4dkMgIAUqom/Xajj7h2fB2MPA3j2jxq2I=

\u2014 example.com/behind-the-sofa Az3grlgtzPICa5OS8npVmf1Myq/5IZniMp+ZJurmRDeOoRDe4URYN7u5/Zhcyv2q1gGzGku9nTo+zyWE+xeMcTOAYQ8=
\u2014 example.com/behind-the-sofa opLqBQsREYCgu6xQkYQwJr9fo45a62DN9EdmHXnZdXNqlcVGlCum2Wks+49/V6267UEjw6QUXTS5Rovnzv++qbSzm9Q=
`;

describe('a request to a witness', () => {
  it('comes back byte for byte', () => {
    const request = parseAddCheckpoint(example);
    expect(request.oldSize).toBe(20_852_014);
    expect(request.proof).toHaveLength(4);
    expect(formatAddCheckpoint(request)).toBe(example);
    const first = { ...request, oldSize: 0, proof: [] };
    expect(parseAddCheckpoint(formatAddCheckpoint(first))).toEqual(first);
  });

  it.each([
    '',
    'old 5\n',
    example.replace('old ', 'new '),
    example.replace('old 2', 'old 02'),
    example.replace('old 2', 'old -2'),
    example.replace('PlRN', 'PlR'),
    example.replace('kaw=', 'kax='),
    example.replace('kaw=\n', 'kaw=\r\n'),
    example.replace(
      'old 20852014\n',
      `old 20852014\n${'PlRNCrwHpqhGrupue0L7gxbjbMiKA9temvuZZDDpkaw=\n'.repeat(60)}`,
    ),
  ])('is refused: %j', (text) => {
    expect(() => parseAddCheckpoint(text)).toThrow(
      expect.objectContaining({ code: 'WITNESS_REQUEST_MALFORMED' }),
    );
  });

  it('needs a note', () => {
    expect(() => parseAddCheckpoint(example.slice(0, -1))).toThrow(LogError);
    expect(() => formatAddCheckpoint({ oldSize: -1, proof: [], note: 'x' })).toThrow(LogError);
  });
});
