/** `result[key] = value`, safe for keys such as `__proto__`. */
export function defineField(result: Record<string, unknown>, key: string, value: unknown): void {
  Object.defineProperty(result, key, {
    value,
    enumerable: true,
    writable: true,
    configurable: true,
  })
}
