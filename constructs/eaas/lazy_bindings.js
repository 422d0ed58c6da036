// Loaded into jsii's Node process by lazy_bindings.py. Every provider package ships lazy-index.js
// beside index.js: the same exports, each loaded when it is first used.
"use strict";

const fs = require("node:fs");
const Module = require("node:module");
const path = require("node:path");

const resolve = Module._resolveFilename;
const entry = `${path.sep}lib${path.sep}index.js`;

Module._resolveFilename = function (...args) {
  const file = resolve.apply(this, args);
  if (!file.includes(`${path.sep}@cdktf${path.sep}provider-`) || !file.endsWith(entry)) return file;
  const lazy = path.join(path.dirname(file), "lazy-index.js");
  return fs.existsSync(lazy) ? lazy : file;
};
