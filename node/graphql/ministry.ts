/**
 * The endpoint of ministries and national rapporteurs: figures that were released, and what they mean. There is nothing else in
 * its schema, and its role of the database may read nothing else. Changes nothing.
 */
import { type GraphQLSchema, lexicographicSortSchema, printSchema } from 'graphql';
import type { Route } from '#platform/http/route.ts';
import type { Permission } from '../access/permit.ts';
import type { Reads } from '../reading.ts';
import { definitions } from '../statistics/definitions.ts';
import { listReleases, type Release } from '../statistics/list-releases.ts';
import { each, type FieldTable, guardFields } from './guard-fields.ts';
import { makePeopleBuilder } from './people-builder.ts';
import { type Caller, type PeopleOptions, peopleRoute } from './people-endpoint.ts';
import { defineLabel, defineMe, LANGUAGE, labelAll } from './people-shared-types.ts';

const READ: Permission = 'release.read';

const fields: FieldTable = {
  ...each('Query', READ, 'me definitions releases'),
  ...each('Release', READ, 'period edition releasedAt content signature'),
  ...each('Me', READ, 'id name role office'),
  ...each('Label', READ, 'code text reviewed'),
};

function buildSchema(): GraphQLSchema {
  const builder = makePeopleBuilder<Caller>();
  const Me = defineMe(builder);
  const Label = defineLabel(builder);
  const Release = builder.objectRef<Release>('Release').implement({
    description: 'Figures of a period, as two persons released them. They never change.',
    fields: (t) => ({
      period: t.exposeString('period', { description: 'ISO 8601: 2027, 2027-Q1.' }),
      edition: t.exposeInt('edition'),
      releasedAt: t.field({ type: 'Instant', resolve: (row) => row.released_at }),
      content: t.exposeString('content', { description: 'Canonical JSON, byte for byte as signed.' }),
      signature: t.exposeString('signature', { description: 'Compact JWS over the content.' }),
    }),
  });
  builder.queryType({
    fields: (t) => ({
      me: t.field({ type: Me, resolve: (_root, _args, ctx) => ctx.actor }),
      definitions: t.field({
        type: [Label],
        description: 'What the figures count and what they do not: to be shown with every figure.',
        args: { language: t.arg.string({ defaultValue: 'en', description: LANGUAGE }) },
        resolve: (_root, { language }) => labelAll(definitions, language ?? 'en'),
      }),
      releases: t.field({
        type: [Release],
        description: 'The last released first.',
        resolve: async (_root, _args, { reading }) => {
          const rows = await listReleases(await reading.trx());
          reading.noteList('release', rows.length);
          return rows;
        },
      }),
    }),
  });
  return guardFields(lexicographicSortSchema(builder.toSchema()), fields);
}

/** The schema as text, for `schema/ministry.graphql`. */
export const printMinistrySdl = (): string => `${printSchema(buildSchema())}\n`;

/** The route of the ministries' endpoint. */
export const ministryRoute = (reads: Reads, options: PeopleOptions): Route =>
  peopleRoute<Caller>(
    {
      audience: 'ministry',
      path: '/ministry/graphql',
      schema: buildSchema(),
      makeContext: (caller) => caller,
      limits: { depth: 4 },
    },
    reads,
    options,
  );
