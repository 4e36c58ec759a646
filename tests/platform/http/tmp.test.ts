import { it } from 'vitest';
import { GraphQLObjectType, GraphQLSchema, GraphQLString } from 'graphql';
import { createYoga } from 'graphql-yoga';
it('x', async () => {
 const schema = new GraphQLSchema({ query: new GraphQLObjectType({ name:'Q', fields:{ a:{type: GraphQLString, resolve:()=> 'a'}}})});
 const y = createYoga({schema, maskedErrors:false, logging:false, graphqlEndpoint: '*'});
 const r = await y.fetch('http://x/graphql', {method:'POST', headers:{'content-type':'application/json'}, body: JSON.stringify({query:'{a}'})});
 console.log(r.status, await r.text());
});
