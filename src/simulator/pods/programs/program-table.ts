import type { Program } from '../process/program.ts'
import { ash } from '../shell/ash.ts'
import { awk } from './awk/awk.ts'
import { dig } from './bind/dig.ts'
import { host } from './bind/host.ts'
import { bindNslookup } from './bind/nslookup.ts'
import { BUSYBOX_BANNER, calledAs } from './busybox-program.ts'
import { cat } from './cat.ts'
import { checksumTools } from './checksum-tools.ts'
import { comparingTools } from './comparing-tools.ts'
import { copyTools } from './copy-tools.ts'
import { curl } from './curl/curl.ts'
import { cut } from './cut.ts'
import { diff } from './diff/diff.ts'
import { base64 } from './dump/base64.ts'
import { hexdumpTools } from './dump/hexdump.ts'
import { od } from './dump/od.ts'
import { xxd } from './dump/xxd.ts'
import { echo } from './echo.ts'
import { environmentTools } from './environment-tools.ts'
import { fileTools } from './file-tools.ts'
import { find } from './find.ts'
import { grep } from './grep.ts'
import { gzipTools } from './gzip.ts'
import { head, tail } from './head-tail.ts'
import { iproute2Ip, ss } from './iproute2.ts'
import { iputilsPing } from './iputils-ping.ts'
import { kill } from './kill.ts'
import { ls } from './ls.ts'
import { machineTools } from './machine-tools.ts'
import { moreFileTools } from './more-file-tools.ts'
import { moreTextTools } from './more-text-tools.ts'
import { nc } from './nc.ts'
import { netcatOpenbsd } from './netcat-openbsd.ts'
import { networkTools } from './network-tools.ts'
import { nslookup } from './nslookup.ts'
import { pagers } from './pager.ts'
import { ping } from './ping.ts'
import { printf } from './printf.ts'
import { processTools } from './process-tools.ts'
import { ps } from './ps.ts'
import { redisCli } from './redis-cli.ts'
import { sed } from './sed/sed.ts'
import { agnhost } from './servers/agnhost/agnhost.ts'
import { coredns } from './servers/coredns.ts'
import { apache } from './servers/httpd.ts'
import { nginx } from './servers/nginx.ts'
import { postgres } from './servers/postgres.ts'
import { redisServer } from './servers/redis.ts'
import { helloApp, pause } from './servers/small-servers.ts'
import { sort } from './sort.ts'
import { split } from './split.ts'
import { seq, tee, yes } from './stream-tools.ts'
import { systemTools } from './system-tools.ts'
import { tar } from './tar/tar.ts'
import { telnet } from './telnet.ts'
import { testProgram } from './test.ts'
import { tr, uniq, wc } from './text-tools.ts'
import { time } from './time.ts'
import { traceroute } from './traceroute.ts'
import { tree } from './tree.ts'
import { falseProgram, trueProgram } from './true-false.ts'
import { watch } from './watch.ts'
import { wget } from './wget.ts'
import { xargs } from './xargs.ts'

/** The applets of BusyBox, by the folder that Alpine links them in. */
export const BUSYBOX_APPLETS = {
  '/bin': {
    ash,
    base64,
    cat,
    chgrp: fileTools.chgrp,
    chmod: fileTools.chmod,
    chown: fileTools.chown,
    cp: copyTools.cp,
    arch: systemTools.arch,
    date: systemTools.date,
    dd: moreFileTools.dd,
    df: machineTools.df,
    dos2unix: moreTextTools.dos2unix,
    echo,
    egrep: grep,
    false: falseProgram,
    fgrep: grep,
    grep,
    gunzip: gzipTools.gunzip,
    gzip: gzipTools.gzip,
    hostname: systemTools.hostname,
    kill,
    ln: fileTools.ln,
    ls,
    mkdir: fileTools.mkdir,
    mktemp: moreFileTools.mktemp,
    more: pagers.more,
    mv: copyTools.mv,
    netstat: networkTools.netstat,
    ping,
    printenv: environmentTools.printenv,
    ps,
    pwd: environmentTools.pwd,
    rm: fileTools.rm,
    rmdir: fileTools.rmdir,
    sed,
    sh: ash,
    sleep: processTools.sleep,
    stat: machineTools.stat,
    touch: fileTools.touch,
    tar,
    true: trueProgram,
    uname: systemTools.uname,
    zcat: gzipTools.zcat,
  },
  '/sbin': {
    arp: networkTools.arp,
    ifconfig: networkTools.ifconfig,
    ip: networkTools.ip,
    route: networkTools.route,
  },
  '/usr/bin': {
    '[': testProgram,
    '[[': testProgram,
    awk,
    cksum: comparingTools.cksum,
    comm: comparingTools.comm,
    groups: systemTools.groups,
    usleep: systemTools.usleep,
    cmp: moreTextTools.cmp,
    du: machineTools.du,
    expand: moreTextTools.expand,
    find,
    fold: moreTextTools.fold,
    free: machineTools.free,
    killall: machineTools.killall,
    less: pagers.less,
    md5sum: checksumTools.md5sum,
    nl: moreTextTools.nl,
    readlink: moreFileTools.readlink,
    realpath: moreFileTools.realpath,
    truncate: moreFileTools.truncate,
    paste: moreTextTools.paste,
    pgrep: machineTools.pgrep,
    pidof: machineTools.pidof,
    pkill: machineTools.pkill,
    rev: moreTextTools.rev,
    sha1sum: checksumTools.sha1sum,
    sha256sum: checksumTools.sha256sum,
    sha512sum: checksumTools.sha512sum,
    shuf: moreTextTools.shuf,
    strings: moreTextTools.strings,
    tac: moreTextTools.tac,
    top: machineTools.top,
    unix2dos: moreTextTools.unix2dos,
    basename: environmentTools.basename,
    clear: systemTools.clear,
    cut,
    diff,
    dirname: environmentTools.dirname,
    env: environmentTools.env,
    expr: environmentTools.expr,
    head,
    hd: hexdumpTools.hd,
    hexdump: hexdumpTools.hexdump,
    id: systemTools.id,
    nc,
    nproc: systemTools.nproc,
    nslookup,
    od,
    printf,
    seq,
    sort,
    split,
    tail,
    tee,
    telnet,
    test: testProgram,
    time,
    timeout: processTools.timeout,
    tr,
    traceroute,
    tree,
    tty: systemTools.tty,
    uniq,
    uptime: systemTools.uptime,
    watch,
    wc,
    wget,
    which: environmentTools.which,
    whoami: systemTools.whoami,
    xargs,
    xxd,
    yes,
  },
} as const satisfies Readonly<Record<string, Readonly<Record<string, Program>>>>

const APPLETS: ReadonlyMap<string, Program> = new Map(
  Object.values(BUSYBOX_APPLETS).flatMap((folder): [string, Program][] => Object.entries(folder)),
)

/** The multi-call program: the name that it is called by says what it does. */
const busybox: Program = async (context) => {
  const name = calledAs(context)
  if (name !== 'busybox') {
    const applet = APPLETS.get(name.replace(/^-/, ''))
    if (applet !== undefined) return applet(context)
    await context.stderr.write(`${name}: applet not found\n`)
    return 127
  }
  const [, asked, ...args] = context.argv
  if (asked === undefined || asked === '--help' || asked === '--list') {
    const names = [...APPLETS.keys()].sort()
    await context.stdout.write(
      asked === '--list'
        ? `${names.join('\n')}\n`
        : `${BUSYBOX_BANNER}\n\nUsage: busybox [function [arguments]...]\n   or: busybox --list\n\nCurrently defined functions:\n\t${names.join(', ')}\n`,
    )
    return 0
  }
  const applet = APPLETS.get(asked)
  if (applet !== undefined) return applet(context.as({ argv: [asked, ...args] }))
  await context.stderr.write(`${asked}: applet not found\n`)
  return 127
}

/** Programs that are files of their own. */
const OWN_PROGRAMS = {
  agnhost,
  bash: ash,
  'bind-nslookup': bindNslookup,
  busybox,
  coredns,
  curl,
  dig,
  'hello-app': helloApp,
  host,
  httpd: apache,
  'iproute2-ip': iproute2Ip,
  'iputils-ping': iputilsPing,
  'netcat-openbsd': netcatOpenbsd,
  nginx,
  pause,
  postgres,
  'redis-cli': redisCli,
  'redis-server': redisServer,
  ss,
} as const satisfies Readonly<Record<string, Program>>

/** Every program of every image, by the name that its file carries. To add one, add a row here or to the applets. */
export const PROGRAMS: ReadonlyMap<string, Program> = new Map<string, Program>([
  ...APPLETS,
  ...Object.entries(OWN_PROGRAMS),
])
