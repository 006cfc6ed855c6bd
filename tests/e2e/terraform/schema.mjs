// Prints a Terraform provider's schema, of some resources and data sources, as `terraform providers schema -json` would.
//
//     node schema.mjs node_modules/@cdktn/provider-aws resource.aws_iam_role data.aws_eks_cluster
//
// It reads a package that the CDK for Terraform generated from the provider's real schema. There, `index.d.ts` has an interface for
// each block, which says what can and what must be set, and `index.js` the types, and what is only computed.
// A name that the package doesn't have is left out: Terraform itself then says that there is no such resource.

import { existsSync, readFileSync } from "node:fs";
import { join } from "node:path";

const [folder, ...names] = process.argv.slice(2);
const provider = read("provider");
const schema = {
  version: provider.code.match(/providerVersion: '([^']+)'/)[1],
  provider: block(provider, rootOf(provider), "synthesizeHclAttributes()"),
  resource_schemas: {},
  data_source_schemas: {},
};
for (const name of names) {
  const [kind, type] = name.split(".");
  const own = type.slice(type.indexOf("_") + 1).replaceAll("_", "-");
  const source = read(kind === "data" ? `data-${type.replaceAll("_", "-")}` : own);
  if (source) {
    const schemas = kind === "data" ? schema.data_source_schemas : schema.resource_schemas;
    schemas[type] = block(source, rootOf(source), "synthesizeHclAttributes()");
  }
}
console.log(JSON.stringify(schema));

/** The two files that a resource, a data source or the provider has in the package. */
function read(name) {
  const path = join(folder, "lib", name);
  if (!existsSync(path)) return undefined;
  const text = (file) => readFileSync(join(path, file), "utf8");
  return { code: text("index.js"), types: text("index.d.ts") };
}

/** What its class is called, and its interface before `Config`. */
function rootOf(source) {
  return source.types.match(/^export declare class (\w+) extends \w+\.Terraform(Resource|DataSource|Provider) /m)[1];
}

/** The block of an interface, whose types are in a function of the code. */
function block(source, name, functionName) {
  const isRoot = functionName === "synthesizeHclAttributes()";
  const settable = arguments_(source, isRoot ? `${name}Config` : name);
  const found = { attributes: {}, block_types: {} };
  for (const entry of entries(source, functionName)) {
    const required = settable.get(entry.name) === "required";
    if (entry.isBlock) {
      found.block_types[entry.name] = nested(source, entry, required);
    } else {
      // Which of the optional ones are computed where they are left out, only plans ask.
      found.attributes[entry.name] = { type: typeOf(entry), required, optional: !required, computed: !required };
    }
  }
  if (isRoot) Object.assign(found.attributes, computed(source));
  return found;
}

/** The arguments of an interface by their names in HCL, which are in its links to the documentation. */
function arguments_({ types }, name) {
  const text = types.match(new RegExp(`^export interface ${name}\\b[^]*?^}`, "m"))[0];
  const found = text.matchAll(/\{@link \S+#(\w+) [^]*?\n    readonly \w+(\??):/g);
  return new Map([...found].map(([, argument, optional]) => [argument, optional ? "optional" : "required"]));
}

/** What a function of the code writes as HCL. */
function entries({ code }, functionName) {
  const text = code.slice(code.indexOf(functionName));
  const body = text.slice(0, text.indexOf("// remove undefined attributes"));
  const entry = /^ +(\w+): \{\n +value: (.*),\n +isBlock: (\w+),\n +type: "(\w+)",\n +storageClassType: "(\w+)",/gm;
  return [...body.matchAll(entry)].map(([, name, value, isBlock, collection, storage]) => ({
    name,
    value,
    isBlock: isBlock === "true",
    collection,
    storage,
  }));
}

function nested(source, { value, collection, storage }, required) {
  const name = storage.replace(/List$/, "");
  const functionName = value.match(/(\w+ToHclTerraform)/)[1];
  return {
    nesting_mode: collection === "struct" ? "single" : collection,
    block: block(source, name, `function ${functionName}(`),
    min_items: required ? 1 : 0,
    max_items: collection === "struct" || value.includes("MapperHcl(") ? 0 : 1,
  };
}

/** Types as Terraform writes them in JSON. Objects that are set like attributes may be anything. */
function typeOf({ collection, storage }) {
  const [, element, many] = storage.match(/^(string|number|boolean)(List|Map)?$/) ?? [];
  if (!element) return "dynamic";
  return many ? [collection, primitive(element)] : primitive(element);
}

function primitive(name) {
  return name === "boolean" ? "bool" : name;
}

/** What nobody can set, by the remark that the package has above each. */
function computed({ code }) {
  const root = code.slice(code.search(/^class \w+ extends \w+\.Terraform(Resource|DataSource|Provider) /m));
  const remark = /\/\/ (\w+) - computed: true, optional: false, required: false\n([^]*?\n    }\n)/g;
  const types = [...root.matchAll(remark)].map(([, name, getter]) => [name, computedType(getter)]);
  return Object.fromEntries(types.map(([name, type]) => [name, { type, computed: true }]));
}

function computedType(getter) {
  const [, element] = getter.match(/this\.get(String|Number|Boolean)Attribute\(/) ?? [];
  return element ? primitive(element.toLowerCase()) : "dynamic";
}
