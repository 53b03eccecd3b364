// Lints and formats Cypher with Neo4j's language support. Reads from standard input
//   {schema: {labels, relationshipTypes, propertyKeys, relationships, procedures}, files: [{path, text, parameters}]}
// and prints [{path, formatted, problems: [{line, column, message}]}].
import { readFileSync } from 'node:fs';
import { formatQuery, lintCypherQuery } from '@neo4j-cypher/language-support';

// beside the language that a server has by default, the one to come: a prefix chooses it
const NEXT = 'CYPHER 25';
const NOT_IN_SCHEMA = 'is not in the graph schema (cypher/graph_schema.json)';

const { schema, files } = JSON.parse(readFileSync(0, 'utf8'));
const procedures = Object.fromEntries(schema.procedures.map(procedure));
const dbSchema = {
  labels: schema.labels,
  relationshipTypes: schema.relationshipTypes,
  propertyKeys: schema.propertyKeys,
  graphSchema: schema.relationships,
  procedures: { 'CYPHER 5': procedures, [NEXT]: procedures },
};
const properties = new Set(schema.propertyKeys);
process.stdout.write(JSON.stringify(files.map(check)));

function check({ path, text, parameters }) {
  const database = { ...dbSchema, parameters: Object.fromEntries(parameters.map((p) => [p, ''])) };
  const { diagnostics, symbolTables } = lintCypherQuery(text, database);
  const symbols = symbolTables.flat();
  const problems = [
    ...diagnostics.filter((found) => !aboutMap(found, text, symbols)).map(problem),
    ...writtenPatterns(text, database),
    ...propertyKeys(text, symbols),
  ];
  const known = new Set(problems.map(({ message }) => message));
  problems.push(...asNext(text, database).filter(({ message }) => !known.has(message)).map(named));
  const unique = new Map(problems.map((found) => [JSON.stringify(found), found]));
  return { path, formatted: layOut(text), problems: [...unique.values()] };
}

// Every statement begins with a comment, so what stands before it moves no place that is told.
function asNext(text, database) {
  const prefixed = `${NEXT} ${text}`;
  const { diagnostics, symbolTables } = lintCypherQuery(prefixed, database);
  return diagnostics.filter((found) => !aboutMap(found, prefixed, symbolTables.flat())).map(problem);
}

function named({ message, ...place }) {
  return { ...place, message: `as ${NEXT}: ${message}` };
}

// The formatter throws on some texts that are no Cypher; those are problems already.
function layOut(text) {
  try {
    return formatQuery(text).formattedQuery.trimEnd() + '\n';
  } catch {
    return null;
  }
}

function problem({ range, message }) {
  const { line, character } = range.start;
  return { line: line + 1, column: character + 1, message: shorter(message) };
}

function shorter(message) {
  return message.replace(/is not present in the database\..*$/s, NOT_IN_SCHEMA);
}

// The linter takes row.user in (u:User {userId: row.user}) for a property of u.
function aboutMap({ message, offsets }, text, symbols) {
  const variable = /(\w+)\.$/.exec(text.slice(0, offsets.start));
  return /^\w+ is not present/.test(message) && variable !== null && !isEntity(variable[1], symbols);
}

function isEntity(variable, symbols) {
  const types = symbols.filter((symbol) => symbol.variable === variable).flatMap((symbol) => symbol.types);
  return types.length > 0 && types.every((type) => type === 'Node' || type === 'Relationship');
}

// The linter checks directions only where a pattern is read: look at written ones as if they were.
function writtenPatterns(text, database) {
  const written = /(?<!ON )\b(CREATE|MERGE)(?=\s+(\(|\w+\s*=\s*\())/g;
  if (!text.match(written)) return [];
  const read = text.replace(written, (word) => 'MATCH'.padEnd(word.length));
  return lintCypherQuery(read, database).diagnostics.map(problem).filter(({ message }) => / has no (in|out)/.test(message));
}

// Nor does it check the properties that a statement writes, or those of nameless nodes.
function propertyKeys(text, symbols) {
  const code = text.replace(/'(?:\\.|[^'\\])*'|"(?:\\.|[^"\\])*"|\/\/[^\n]*/g, (found) => found[0] === '/' ? ' '.repeat(found.length) : `'${'_'.repeat(found.length - 2)}'`);
  const keys = [];
  for (const map of code.matchAll(/(?:[([]\s*\w*\s*:[^\s(){}[\]]+(?:\(\$\w+\))?\s*|\bSET\s+\w+\s*\+?=\s*)\{/g)) {
    keys.push(...mapKeys(code, map.index + map[0].length));
  }
  for (const item of code.matchAll(/(?:\bSET|,)\s+(\w+)\.(\w+)\s*=(?!~)/g)) {
    if (isEntity(item[1], symbols)) keys.push([item[2], item.index + item[0].indexOf('.') + 1]);
  }
  return keys.filter(([key]) => !properties.has(key)).map(([key, offset]) => {
    const before = code.slice(0, offset).split('\n');
    return { line: before.length, column: before.at(-1).length + 1, message: `${key} ${NOT_IN_SCHEMA}` };
  });
}

// Keys of the map literal whose content begins at start, each with its offset.
function mapKeys(code, start) {
  const keys = [];
  for (let at = start, depth = 0, expected = true; at < code.length; at++) {
    const rest = /^(\w+)\s*:/.exec(code.slice(at));
    if (expected && rest) keys.push([rest[1], at]);
    if (/\S/.test(code[at])) expected = false;
    if ('([{'.includes(code[at])) depth++;
    if (')]}'.includes(code[at]) && depth-- === 0) break;
    if (code[at] === ',' && depth === 0) expected = true;
  }
  return keys;
}

// 'db.labels() :: (label :: STRING)', as SHOW PROCEDURES YIELD signature prints it, in the linter's shape.
function procedure(signature) {
  const parts = /^([\w.]+)\((.*?)\)(?: :: \((.*)\))?$/.exec(signature);
  if (!parts) throw new Error(`not a signature as SHOW PROCEDURES prints it: ${signature}`);
  const [, name, inputs, outputs] = parts;
  const described = { name, description: '', mode: 'READ', worksOnSystem: false, signature, admin: false };
  return [name, {
    ...described,
    argumentDescription: fields(inputs),
    returnDescription: fields(outputs ?? ''),
    option: { deprecated: false },
  }];
}

function fields(text) {
  return text.split(/,\s*(?=\w+(?: = [^:]*)? :: )/).filter(Boolean).map((field) => {
    const [, name, value, type] = /^(\w+)(?: = (.*?))? :: (.*)$/.exec(field);
    return { name, type, description: '', isDeprecated: false, ...(value !== undefined && { default: value }) };
  });
}
