/** Custom header of every GraphQL POST: a form or a link on another site cannot send it (CSRF). */
export const GRAPHQL_HEADER = 'x-focalnet';
