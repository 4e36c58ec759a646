/**
 * What one operation may cost: how many values it may answer, pages as long as they are asked for, by a number or by a variable, and
 * lists without pages as long as a fixed number says. Knows no schema: what is a list, the schema in hand says.
 */
import {
  type ExecutionArgs,
  type FieldNode,
  type FragmentDefinitionNode,
  type FragmentSpreadNode,
  GraphQLError,
  type GraphQLField,
  type GraphQLNamedType,
  type GraphQLSchema,
  getNamedType,
  getNullableType,
  getOperationAST,
  getVariableValues,
  type InlineFragmentNode,
  isAbstractType,
  isInterfaceType,
  isListType,
  isObjectType,
  Kind,
  type SelectionSetNode,
  valueFromAST,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';

/** A list at the root is about as long as the longest page. */
const ROOT_LIST = 100;
/** Lists in one thing are shorter: acts of a conversation, names of a child. */
const INNER_LIST = 4;

/** Refuses what costs more than `most`, before anything of it runs. */
export function limitCost(most: number): Plugin {
  const judge = ({ args, setResultAndStopExecution }: Judged) => {
    const cost = costOf(args);
    if (cost <= most) return;
    const refusal = new GraphQLError(`Syntax Error: Query Cost limit of ${most} exceeded, found ${cost}.`);
    setResultAndStopExecution({ errors: [refusal] });
  };
  return { onExecute: judge, onSubscribe: judge };
}

type Judged = {
  readonly args: ExecutionArgs;
  readonly setResultAndStopExecution: (result: { errors: GraphQLError[] }) => void;
};

type Asked = {
  readonly schema: GraphQLSchema;
  readonly root: GraphQLNamedType;
  readonly variables: Record<string, unknown>;
  readonly fragments: ReadonlyMap<string, FragmentDefinitionNode>;
  /** What each fragment costs, once known: a short text may stand for one too long to walk through. */
  readonly known: Map<string, number>;
};

/** Where fields stand; `inPage`: the lists directly inside are the rows of a page, which has been counted. */
type Place = { readonly type: GraphQLNamedType | undefined; readonly inPage: boolean };

type Field = Pick<GraphQLField<unknown, unknown>, 'args'>;

/** Of a valid document, whose fragments end. Variables that do not fit cost nothing: nothing runs with them. */
function costOf({ schema, document, operationName, variableValues }: ExecutionArgs): number {
  const operation = getOperationAST(document, operationName);
  const root = operation && schema.getRootType(operation.operation);
  if (!root) return 0;
  const given = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
  if (!given.coerced) return 0;
  const fragments = document.definitions.filter((one) => one.kind === Kind.FRAGMENT_DEFINITION);
  const byName = new Map(fragments.map((one) => [one.name.value, one]));
  const asked = { schema, root, variables: given.coerced, fragments: byName, known: new Map() };
  return costOfSet(asked, operation.selectionSet, { type: root, inPage: false });
}

function costOfSet(asked: Asked, { selections }: SelectionSetNode, place: Place): number {
  let cost = 0;
  // One value has one type: of what is asked for each that it can have, the dearest counts.
  const each = new Map<string, number>();
  for (const one of selections) {
    if (one.kind === Kind.FIELD) cost += costOfField(asked, one, place);
    else {
      const [on, more] = costOfFragment(asked, one, place);
      const isOneOfSeveral = isAbstractType(place.type) && isObjectType(on);
      if (isOneOfSeveral) each.set(on.name, (each.get(on.name) ?? 0) + more);
      else cost += more;
    }
  }
  return cost + Math.max(0, ...each.values());
}

type Fragment = FragmentSpreadNode | InlineFragmentNode;

function costOfFragment(asked: Asked, node: Fragment, place: Place): [GraphQLNamedType | undefined, number] {
  const isNamed = node.kind === Kind.FRAGMENT_SPREAD;
  const { typeCondition, selectionSet } = isNamed ? asked.fragments.get(node.name.value)! : node;
  const type = typeCondition ? asked.schema.getType(typeCondition.name.value) : place.type;
  if (!isNamed) return [type, costOfSet(asked, selectionSet, { ...place, type })];
  const key = `${node.name.value} ${place.inPage}`;
  const cost = asked.known.get(key) ?? costOfSet(asked, selectionSet, { ...place, type });
  asked.known.set(key, cost);
  return [type, cost];
}

function costOfField(asked: Asked, node: FieldNode, { type, inPage }: Place): number {
  const hasFields = isObjectType(type) || isInterfaceType(type);
  const field = hasFields ? type.getFields()[node.name.value] : undefined;
  if (!node.selectionSet || !field) return 1;
  const isList = isListType(getNullableType(field.type));
  const page = pageOf(asked, node, field);
  const listed = type === asked.root ? ROOT_LIST : INNER_LIST;
  const length = page ?? (isList && !inPage ? listed : 1);
  const inside = { type: getNamedType(field.type), inPage: page !== undefined && !isList };
  return 1 + length * costOfSet(asked, node.selectionSet, inside);
}

/** How many rows are asked for; undefined for a field without pages. */
function pageOf({ variables }: Asked, node: FieldNode, { args }: Field): number | undefined {
  const first = args.find(({ name }) => name === 'first');
  if (!first) return undefined;
  const given = node.arguments?.find(({ name }) => name.value === 'first')?.value;
  const rows = given ? valueFromAST(given, first.type, variables) : first.defaultValue;
  return typeof rows === 'number' ? Math.max(1, rows) : ROOT_LIST;
}
