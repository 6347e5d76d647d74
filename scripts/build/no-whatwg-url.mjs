// Stands in for whatwg-url in the bundle: node-fetch takes Node's own URL where there is one.
export default {}
