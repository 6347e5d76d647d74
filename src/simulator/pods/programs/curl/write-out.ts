/** What curl measured of one transfer. */
export interface TransferFacts {
  url: string
  method: string
  scheme: string
  status: number
  startedMs: number
  lookedUpMs: number
  connectedMs: number
  securedMs: number
  firstByteMs: number
  size: number
  uploaded: number
  headerSize: number
  requestSize: number
  redirects: number
  remoteAddress: string
  remotePort: number
  localAddress: string
  localPort: number
  contentType: string
  redirectUrl: string
  exitCode: number
  error: string
  connections: number
}

export function newFacts(url: string, startedMs: number): TransferFacts {
  return {
    url,
    method: 'GET',
    scheme: 'http',
    status: 0,
    startedMs,
    lookedUpMs: 0,
    connectedMs: 0,
    securedMs: 0,
    firstByteMs: 0,
    size: 0,
    uploaded: 0,
    headerSize: 0,
    requestSize: 0,
    redirects: 0,
    remoteAddress: '',
    remotePort: 0,
    localAddress: '',
    localPort: 0,
    contentType: '',
    redirectUrl: '',
    exitCode: 0,
    error: '',
    connections: 0,
  }
}

/** Fills a format of `-w`: variables in `%{}`, `\n` and its kin. Unknown variables are left out, as curl does after a warning. */
export function writeOut(format: string, facts: TransferFacts, nowMs: number): string {
  const seconds = (ms: number) => (ms / 1000).toFixed(6)
  const total = Math.max(0, nowMs - facts.startedMs)
  const values: Readonly<Record<string, string>> = {
    content_type: facts.contentType,
    errormsg: facts.error,
    exitcode: String(facts.exitCode),
    http_code: String(facts.status).padStart(3, '0'),
    http_connect: '000',
    http_version: facts.status === 0 ? '0' : '1.1',
    local_ip: facts.localAddress,
    local_port: String(facts.localPort),
    method: facts.method,
    num_connects: String(facts.connections),
    num_redirects: String(facts.redirects),
    redirect_url: facts.redirectUrl,
    remote_ip: facts.remoteAddress,
    remote_port: String(facts.remotePort),
    response_code: String(facts.status).padStart(3, '0'),
    scheme: facts.scheme,
    size_download: String(facts.size),
    size_header: String(facts.headerSize),
    size_request: String(facts.requestSize),
    size_upload: String(facts.uploaded),
    speed_download: String(total > 0 ? Math.round((facts.size * 1000) / total) : 0),
    speed_upload: '0',
    ssl_verify_result: '0',
    time_appconnect: seconds(facts.securedMs),
    time_connect: seconds(facts.connectedMs),
    time_namelookup: seconds(facts.lookedUpMs),
    time_pretransfer: seconds(facts.connectedMs),
    time_redirect: seconds(0),
    time_starttransfer: seconds(facts.firstByteMs),
    time_total: seconds(total),
    url: facts.url,
    url_effective: facts.url,
  }
  return format
    .replace(/%%|%\{(\w+)\}/g, (whole, name: string | undefined) =>
      name === undefined ? whole.slice(1) : (values[name] ?? ''),
    )
    .replace(/\\([nrt\\])/g, (_whole, letter: string) =>
      letter === 'n' ? '\n' : letter === 'r' ? '\r' : letter === 't' ? '\t' : '\\',
    )
}
