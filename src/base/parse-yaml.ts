/**
 * YAML to values, as a module of ours, so that it can be loaded when it is first needed: bundled, a dynamic import of the
 * library itself, which is CommonJS, has no named exports.
 */
export { parse as parseYaml } from 'yaml'
