export type RedisReply =
  | string
  | number
  | null
  | { readonly status: string }
  | { readonly error: string }
  | { readonly list: readonly RedisReply[] }

interface RedisState {
  readonly values: Map<string, string>
  readonly version: string
  readonly uptimeSeconds: number
}

interface Command {
  /** Words with the name; negative: at least so many. */
  readonly arity: number
  readonly run: (args: readonly string[], state: RedisState) => RedisReply
}

const OK: RedisReply = { status: 'OK' }

const add = (key: string, by: number, { values }: RedisState): RedisReply => {
  const now = values.get(key) ?? '0'
  if (!/^-?\d+$/.test(now) || !Number.isInteger(by)) {
    return { error: 'ERR value is not an integer or out of range' }
  }
  const next = Number(now) + by
  values.set(key, String(next))
  return next
}

/** The commands of strings and connections, with redis' own arity. */
const COMMANDS: Readonly<Record<string, Command>> = {
  APPEND: {
    arity: 3,
    run: ([key = '', value = ''], { values }) => {
      const next = `${values.get(key) ?? ''}${value}`
      values.set(key, next)
      return Buffer.byteLength(next)
    },
  },
  CLIENT: { arity: -2, run: () => OK },
  COMMAND: { arity: -1, run: () => ({ list: [] }) },
  CONFIG: { arity: -2, run: () => ({ list: [] }) },
  DBSIZE: { arity: 1, run: (_args, { values }) => values.size },
  DECR: { arity: 2, run: ([key = ''], state) => add(key, -1, state) },
  DEL: { arity: -2, run: (keys, { values }) => keys.filter((key) => values.delete(key)).length },
  ECHO: { arity: 2, run: ([text = '']) => text },
  EXISTS: { arity: -2, run: (keys, { values }) => keys.filter((key) => values.has(key)).length },
  FLUSHALL: {
    arity: -1,
    run: (_args, { values }) => {
      values.clear()
      return OK
    },
  },
  GET: { arity: 2, run: ([key = ''], { values }) => values.get(key) ?? null },
  INCR: { arity: 2, run: ([key = ''], state) => add(key, 1, state) },
  INCRBY: { arity: 3, run: ([key = '', by = ''], state) => add(key, Number(by), state) },
  INFO: { arity: -1, run: (_args, state) => info(state) },
  KEYS: {
    arity: 2,
    run: ([pattern = ''], { values }) => {
      const text = pattern
        .replace(/[\\^$.+()[\]{}|]/g, '\\$&')
        .replace(/\*/g, '.*')
        .replace(/\?/g, '.')
      const test = new RegExp(`^${text}$`, 's')
      return { list: [...values.keys()].filter((key) => test.test(key)) }
    },
  },
  MGET: {
    arity: -2,
    run: (keys, { values }) => ({ list: keys.map((key) => values.get(key) ?? null) }),
  },
  PING: { arity: -1, run: ([text]) => text ?? { status: 'PONG' } },
  QUIT: { arity: -1, run: () => OK },
  SELECT: { arity: 2, run: () => OK },
  SET: {
    arity: -3,
    run: ([key = '', value = ''], { values }) => {
      values.set(key, value)
      return OK
    },
  },
  STRLEN: { arity: 2, run: ([key = ''], { values }) => Buffer.byteLength(values.get(key) ?? '') },
  TTL: { arity: 2, run: ([key = ''], { values }) => (values.has(key) ? -1 : -2) },
  TYPE: {
    arity: 2,
    run: ([key = ''], { values }) => ({ status: values.has(key) ? 'string' : 'none' }),
  },
}

/** What redis answers to a command, its name first. */
export function answerRedis(words: readonly string[], state: RedisState): RedisReply {
  const [name = '', ...args] = words
  const command = COMMANDS[name.toUpperCase()]
  if (command === undefined) {
    const shown = args.map((word) => `'${word.slice(0, 128)}' `).join('')
    return {
      error: `ERR unknown command '${name.slice(0, 128)}', with args beginning with: ${shown}`,
    }
  }
  const { arity } = command
  if (arity > 0 ? words.length !== arity : words.length < -arity) {
    return { error: `ERR wrong number of arguments for '${name.toLowerCase()}' command` }
  }
  return command.run(args, state)
}

function info({ values, version, uptimeSeconds }: RedisState): string {
  return [
    '# Server',
    `redis_version:${version}`,
    'redis_mode:standalone',
    'os:Linux 6.8.0 x86_64',
    'arch_bits:64',
    'process_id:1',
    'tcp_port:6379',
    `uptime_in_seconds:${uptimeSeconds}`,
    '',
    '# Clients',
    'connected_clients:1',
    '',
    '# Replication',
    'role:master',
    'connected_slaves:0',
    '',
    '# Keyspace',
    ...(values.size === 0 ? [] : [`db0:keys=${values.size},expires=0,avg_ttl=0,subexpiry=0`]),
    '',
  ].join('\r\n')
}
