// Recovers the schema of a Terraform provider from its CDKTF binding.
//
//   node recover_schema.js <directory of the extracted npm package> <schema file to write>
//
// A binding is generated from the provider's schema, and nearly all of the schema is still in it:
// - The code, run against a recording stand-in of the cdktf library, tells every name, type and
//   nesting.
// - The TypeScript source in its source maps has a comment before every member that tells computed,
//   optional and required. It describes every block as "<name> block", which tells a single block
//   from a nested attribute.
// What is written has the shape of one provider in `terraform providers schema -json`.
//
// Anything that is not understood ends the program with status 1 and names the resource on stderr:
// a schema that is nearly right would let wrong configurations pass.
'use strict';

const fs = require('node:fs');
const Module = require('node:module');
const path = require('node:path');

// What is nested deeper than this is a recursive struct: cdktf's abbreviation for a schema that
// repeats itself.
const MAX_DEPTH = 40;

// ---- The recording stand-in of cdktf ----

/** An attribute's type without structs in it, in Terraform's JSON notation. */
class Leaf {
  constructor(type) {
    this.type = type;
  }
}

/** Comes of `listMapperHcl(element, isBlock)` and `hashMapperHcl(element)`. */
class Collection {
  constructor(mode, element, isBlock) {
    this.mode = mode;
    this.element = element;
    this.isBlock = isBlock;
  }
}

/** Stands for every value a user could pass in: whatever is asked of it, there is an answer. */
const anything = new Proxy({}, { get: () => anything });

function collectionType(mode, elementType) {
  // cdktf turns "dynamic" into a map of any.
  return elementType === 'any' ? 'dynamic' : [mode, elementType];
}

/** All getters of resources and structs end in one of these calls, which know the type. */
class Element {
  getStringAttribute() { return new Leaf('string'); }
  getNumberAttribute() { return new Leaf('number'); }
  getBooleanAttribute() { return new Leaf('bool'); }
  getListAttribute() { return new Leaf(['list', 'string']); }
  getNumberListAttribute() { return new Leaf(['list', 'number']); }
  getStringMapAttribute() { return new Leaf(['map', 'string']); }
  getNumberMapAttribute() { return new Leaf(['map', 'number']); }
  getBooleanMapAttribute() { return new Leaf(['map', 'bool']); }
  getAnyMapAttribute() { return new Leaf('dynamic'); }
  // Used where cdktf has no type to offer. For what can be assigned, the input side has the type.
  interpolationForAttribute() { return new Leaf('dynamic'); }
}

const constructorOptions = new WeakMap();
class Addressable extends Element {
  constructor(_scope, _id, options) {
    super();
    constructorOptions.set(this, options); // aside, since any property may be an attribute
  }
}
class TerraformResource extends Addressable {}
class TerraformDataSource extends Addressable {}
class TerraformProvider extends Addressable {}

class ComplexObject extends Element {}
class ComplexMap {}
class ComplexList {
  constructor(_parent, _attribute, wrapsSet) {
    this.mode = wrapsSet ? 'set' : 'list';
  }
}

/** The class of a computed value, named inside out: a list of maps is a `StringMapList`. */
function leafClass(name) {
  const [, scalar, suffixes] = /^(String|Number|Boolean|Any)((?:List|Map)+)$/.exec(name) ?? [];
  if (!scalar) return undefined;
  let type = scalar === 'Boolean' ? 'bool' : scalar.toLowerCase();
  for (const suffix of suffixes.match(/List|Map/g)) {
    type = collectionType(suffix.toLowerCase(), type);
  }
  return class extends Leaf {
    constructor(_parent, _attribute, wrapsSet) {
      super(wrapsSet ? ['set', type[1]] : type);
    }
  };
}

const modelled = {
  TerraformResource,
  TerraformDataSource,
  TerraformProvider,
  ImportableResource: class {},
  ComplexObject,
  ComplexMap,
  ComplexList,
  MapList: ComplexList,
  Fn: { tolist: (leaf) => new Leaf(['set', leaf.type[1]]) },
  Token: { asNumberList: (leaf) => leaf, asAny: (leaf) => leaf },
  Tokenization: { isResolvable: () => false },
  canInspect: () => true,
  isComplexElement: () => false,
  stringToHclTerraform: () => new Leaf('string'),
  numberToHclTerraform: () => new Leaf('number'),
  booleanToHclTerraform: () => new Leaf('bool'),
  anyToHclTerraform: () => new Leaf('any'),
  listMapperHcl: (element, isBlock) => () => new Collection('list', element(anything), isBlock),
  hashMapperHcl: (element) => () => new Collection('map', element(anything), false),
};

const recordingCdktf = new Proxy(modelled, {
  get(target, name) {
    const found = target[name] ?? leafClass(name);
    if (found === undefined) throw new Error(`cdktf.${name} is not modelled`);
    return found;
  },
});

// The bindings `require("cdktf")`, which is not installed, and would record nothing if it were.
const loadModule = Module._load;
Module._load = (request, ...rest) =>
  request === 'cdktf' ? recordingCdktf : loadModule(request, ...rest);

// ---- What only the TypeScript source says ----

const SOURCE_MAP = /^\/\/# sourceMappingURL=data:application\/json;base64,(\S+)/m;
const DECLARATION = /^export (class|interface) (\w+)/gm;
const MEMBER_COMMENT = /\/\/ \w+ - computed: /g;
const MEMBER = new RegExp(
  '// (\\w+) - computed: (true|false), optional: (true|false), required: (true|false)\\n' +
    '(?:\\s+private .*\\n)?\\s+public get (\\w+)\\(\\)',
  'g',
);
const DOCUMENTED_PROPERTY = /\/\*\*((?:(?!\*\/)[\s\S])*)\*\/\s*readonly \w+(\??):/g;

function typescriptSource(file) {
  const [, encoded] = SOURCE_MAP.exec(fs.readFileSync(file, 'utf8')) ?? [];
  if (!encoded) throw new Error('no source map');
  const [source] = JSON.parse(Buffer.from(encoded, 'base64').toString('utf8')).sourcesContent ?? [];
  if (!source) throw new Error('no TypeScript source in the source map');
  return source;
}

/** The members of a class: Terraform name, property name and flags. */
function classMembers(body) {
  const found = [...body.matchAll(MEMBER)];
  if (found.length !== (body.match(MEMBER_COMMENT) ?? []).length) {
    throw new Error('a member is written in an unknown way');
  }
  return found.map(([, name, computed, optional, required, property]) => ({
    name,
    property,
    computed: computed === 'true',
    optional: optional === 'true',
    required: required === 'true',
  }));
}

/** The same of an interface, which has what can be assigned, and no word on what is computed. */
function interfaceMembers(body) {
  return [...body.matchAll(DOCUMENTED_PROPERTY)].map(([, comment, questionMark]) => {
    const [, name] = /#(\w+) \w+#\1\}/.exec(comment) ?? [];
    if (!name) throw new Error('a property is documented in an unknown way');
    const isBlock = new RegExp(`^\\s*\\*?\\s*${name} block\\s*$`, 'm').test(comment);
    const optional = questionMark === '?';
    return { name, isBlock, computed: false, optional, required: !optional };
  });
}

/** All classes and interfaces declared in a directory's files, by name. */
function readDeclarations(directory) {
  const declarations = { classes: new Map(), interfaces: new Map() };
  for (const entry of fs.readdirSync(directory, { recursive: true })) {
    if (!entry.endsWith('.js')) continue;
    const source = typescriptSource(path.join(directory, entry));
    const starts = [...source.matchAll(DECLARATION)];
    starts.forEach(({ index, 1: kind, 2: name }, i) => {
      const body = source.slice(index, starts[i + 1]?.index);
      if (kind === 'class') declarations.classes.set(name, classMembers(body));
      else declarations.interfaces.set(name, interfaceMembers(body));
    });
  }
  return declarations;
}

// ---- Putting both together ----

/** The type of an input value, or undefined if there is a struct in it. */
function leafType(value) {
  if (value instanceof Leaf) return value.type;
  if (!(value instanceof Collection)) return undefined;
  const element = leafType(value.element);
  return element && collectionType(value.mode, element);
}

/** The collections around a struct, outermost first, and the object with the struct's getters. */
function unwrapOutput(output) {
  const modes = [];
  while (output instanceof ComplexList || output instanceof ComplexMap) {
    modes.push(output instanceof ComplexMap ? 'map' : output.mode);
    output = output.get(0);
  }
  return { modes, output };
}

/** The collections around the struct in an input value, outermost first. */
function inputModes(value) {
  return value instanceof Collection ? [value.mode, ...inputModes(value.element)] : [];
}

/** A type for where Terraform has no nested attributes: structs more than one collection deep. */
function objectType(attributes) {
  const types = Object.entries(attributes).map(([name, { type, nested_type: inner }]) => {
    if (type) return [name, type];
    const object = objectType(inner.attributes);
    return [name, inner.nesting_mode === 'single' ? object : [inner.nesting_mode, object]];
  });
  return ['object', Object.fromEntries(types)];
}

/** Recovers a resource, a data source or a provider's configuration with all that is nested. */
class BlockRecovery {
  /**
   * @param declarations  what the TypeScript source says
   * @param exported      what the generated module exports
   * @param isResource    only resources have write-only attributes
   */
  constructor(declarations, exported, { isResource }) {
    this.declarations = declarations;
    this.exported = exported;
    this.isResource = isResource;
  }

  /**
   * @param name    the interface of the struct or of the resource's configuration
   * @param inputs  the record of what can be assigned: name -> {value, type, storageClassType}
   * @param output  the object with its getters, undefined in a provider's configuration
   * @param within  what is around: how deep, inside something computed, inside something write-only
   */
  block(name, inputs, output, within = { depth: 0, computed: false, writeOnly: false }) {
    if (within.depth > MAX_DEPTH) throw new Error('the structs are recursive');
    const className = output?.constructor.name;
    const { classes, interfaces } = this.declarations;
    const members = output ? classes.get(className) : interfaces.get(name);
    if (!members) throw new Error(`no declaration of ${className ?? name}`);
    this.checkInputs(name, members, inputs);

    const found = { attributes: {}, block_types: {} };
    for (const member of members) {
      const input = inputs[member.name];
      const value = output?.[member.property];
      const flags = this.flags(member, within);
      const inside = {
        depth: within.depth + 1,
        computed: within.computed || (member.computed && Boolean(input)),
        writeOnly: Boolean(flags.write_only),
      };
      const item = input
        ? this.assignable(name, member, input, value, inside)
        : this.computedOnly(value, inside);
      if (item.block_type) found.block_types[member.name] = item.block_type;
      else found.attributes[member.name] = { ...item, ...flags };
    }
    return found;
  }

  struct(name, output, inside) {
    const record = this.exported[`${name[0].toLowerCase()}${name.slice(1)}ToHclTerraform`];
    if (!record) throw new Error(`no function records ${name}`);
    return this.block(name, record(anything), output, inside);
  }

  flags({ name, computed, optional, required }, within) {
    const flags = {
      // cdktf calls everything computed that is inside something computed. Little of what is
      // optional there really is.
      computed: computed && !required && !(optional && within.computed),
      optional,
      required,
      // Not in the binding, but a convention that providers follow.
      write_only: within.writeOnly || (this.isResource && name.endsWith('_wo')),
    };
    return Object.fromEntries(Object.entries(flags).filter(([, isSet]) => isSet));
  }

  checkInputs(struct, members, inputs) {
    const assignable = members.filter(({ optional, required }) => optional || required);
    const commented = String(assignable.map(({ name }) => name).sort());
    const recorded = String(Object.keys(inputs).sort());
    if (commented === recorded) return;
    throw new Error(`${struct} has the inputs ${commented} in comments, but ${recorded} in code`);
  }

  computedOnly(value, inside) {
    if (value instanceof Leaf) return { type: value.type };
    const { modes, output } = unwrapOutput(value);
    if (!(output instanceof ComplexObject)) throw new Error('a computed value without a type');
    const name = output.constructor.name.replace(/OutputReference$/, '');
    return nested(modes, this.struct(name, output, inside));
  }

  assignable(parent, member, input, value, inside) {
    const type = leafType(input.value);
    if (type) return { type: input.type === 'set' ? ['set', type[1]] : type };

    const modes = inputModes(input.value);
    const isCollection = input.type !== 'struct';
    // "FooList" for a list of Foo, and also for one of at most one Foo, which is passed as a Foo.
    const suffixes = Math.max(modes.length, isCollection ? 1 : 0);
    const name = input.storageClassType.replace(new RegExp(`(List|Map){${suffixes}}$`), '');
    const body = this.struct(name, value && unwrapOutput(value).output, inside);

    const limits = member.required ? { min_items: 1 } : {};
    const isOneFoo = isCollection && modes.length === 0;
    if (isOneFoo) return blockType(input.type, body, { ...limits, max_items: 1 });
    if (input.value.isBlock) return blockType(input.type, body, limits);
    // cdktf calls a single block required if everything in it is, which does not make the block so.
    if (!isCollection && this.isBlock(parent, member)) return blockType('single', body, {});
    return nested(isCollection ? [input.type, ...modes.slice(1)] : modes, body);
  }

  isBlock(parent, member) {
    const properties = this.declarations.interfaces.get(parent) ?? [];
    return properties.some(({ name, isBlock }) => name === member.name && isBlock);
  }
}

function blockType(mode, block, limits) {
  return { block_type: { nesting_mode: mode, ...limits, block } };
}

function nested(modes, { attributes, block_types: blockTypes }) {
  if (Object.keys(blockTypes).length) throw new Error('a block inside an attribute');
  const [mode = 'single', ...inner] = modes;
  if (!inner.length) return { nested_type: { nesting_mode: mode, attributes } };
  return { type: modes.reduceRight((element, outer) => [outer, element], objectType(attributes)) };
}

/** The part of the schema in one directory: a resource, a data source or the provider. */
function recoverDirectory(directory, schema) {
  const exported = require(directory);
  for (const Class of Object.values(exported)) {
    if (!(Class.prototype instanceof Addressable)) continue;
    const isResource = Class.prototype instanceof TerraformResource;
    const isProvider = Class.prototype instanceof TerraformProvider;
    const recovery = new BlockRecovery(readDeclarations(directory), exported, { isResource });
    const inputs = Class.prototype.synthesizeHclAttributes.call(anything);
    const object = new Class({}, 'any', {});
    // A provider's getters return what was configured and tell nothing; its structs have none.
    const block = recovery.block(`${Class.name}Config`, inputs, isProvider ? undefined : object);
    if (isProvider) {
      const options = constructorOptions.get(object);
      delete block.attributes.alias; // cdktf's own, for every provider
      schema.provider = { block };
      schema.source = options.terraformProviderSource;
      schema.version = options.terraformGeneratorMetadata.providerVersion;
    } else {
      const kind = isResource ? schema.resource_schemas : schema.data_source_schemas;
      kind[Class.tfResourceType] = { block };
    }
  }
}

function main([packageDirectory, schemaFile]) {
  const library = path.resolve(packageDirectory, 'lib');
  const schema = { resource_schemas: {}, data_source_schemas: {} };
  const failures = [];
  for (const entry of fs.readdirSync(library, { withFileTypes: true })) {
    if (!entry.isDirectory()) continue;
    try {
      recoverDirectory(path.join(library, entry.name), schema);
    } catch (error) {
      failures.push(`${entry.name}: ${error.message}`);
    }
  }
  if (!failures.length && !schema.provider) failures.push('provider: not in the package');
  if (failures.length) {
    process.stderr.write(`cannot recover the schema of\n  ${failures.join('\n  ')}\n`);
    process.exitCode = 1;
    return;
  }
  fs.writeFileSync(schemaFile, JSON.stringify(schema));
}

main(process.argv.slice(2));
