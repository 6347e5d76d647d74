import { MUSL_LOADER } from '../net/c-library.ts'
import { HTTPD_VERSION } from '../programs/servers/httpd.ts'
import { NGINX_VERSION } from '../programs/servers/nginx.ts'
import { REDIS_VERSION } from '../programs/servers/redis.ts'
import { versionOfTag } from '../programs/servers/serving.ts'
import type { Image } from './image.ts'
import {
  ACCOUNTS,
  ALPINE_RELEASE,
  busyboxFiles,
  DEBIAN_RELEASE,
  gnuPrograms,
  LINUX_FOLDERS,
  layer,
  programs,
  programsAt,
  RUNTIME_FILES,
} from './layers.ts'
import { APACHE_PAGE, NGINX_ERROR_PAGE, NGINX_PAGE } from './pages.ts'
import {
  CURL_ENTRYPOINT,
  NGINX_ENTRYPOINT,
  nginxConfiguration,
  POSTGRES_ENTRYPOINT,
  REDIS_ENTRYPOINT,
  script,
} from './scripts.ts'

const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin'

/**
 * What Debian's slim images have of the programs that lessons use: coreutils, findutils, grep, sed, diffutils, tar, gzip and mawk, but
 * no wget, ping, nslookup, nc, ip, ps, less and vi.
 */
const DEBIAN_PROGRAMS =
  '[ arch awk base64 basename bash cat chgrp chmod chown cksum clear cmp comm cp cut date dd df diff dirname du echo egrep env expand expr false fgrep find fold grep groups gunzip gzip head hostname id ln ls md5sum mkdir mktemp mv nl nproc od paste printenv printf pwd readlink realpath rm rmdir sed seq sh sha1sum sha256sum sha512sum shuf sleep sort split stat tac tail tar tee test timeout touch tr true truncate tty uname uniq wc which whoami xargs yes zcat'.split(
    ' ',
  )

const alpineBase = () =>
  [RUNTIME_FILES, LINUX_FOLDERS, ACCOUNTS, ALPINE_RELEASE, busyboxFiles()] as const
const debianBase = () =>
  [
    RUNTIME_FILES,
    LINUX_FOLDERS,
    ACCOUNTS,
    DEBIAN_RELEASE,
    gnuPrograms('/usr/bin', DEBIAN_PROGRAMS),
    gnuPrograms('/bin', ['bash', 'sh']),
  ] as const
/** What netshoot and agnhost install beside BusyBox: BIND's tools, iproute2, iputils and OpenBSD's netcat. */
const networkPrograms = programsAt({
  '/bin/ping': 'iputils-ping',
  '/sbin/ip': 'iproute2-ip',
  '/usr/bin/dig': 'dig',
  '/usr/bin/host': 'host',
  '/usr/bin/nc': 'netcat-openbsd',
  '/usr/bin/nslookup': 'bind-nslookup',
  '/usr/bin/ss': 'ss',
})
const nginxPages = {
  '/usr/share/nginx/html/index.html': NGINX_PAGE,
  '/usr/share/nginx/html/50x.html': NGINX_ERROR_PAGE,
  '/var/log/nginx': { kind: 'directory' },
} as const

/** The official image's server on a port: its configuration says which. */
function nginxImage(tag: string, port: number): Omit<Image, 'name'> {
  const alpine = tag.includes('alpine')
  return {
    entrypoint: ['/docker-entrypoint.sh'],
    command: ['nginx', '-g', 'daemon off;'],
    stopSignal: 'SIGQUIT',
    ...(alpine ? {} : { sizeBytes: 72_223_946 }),
    env: {
      PATH,
      NGINX_VERSION: versionOfTag(tag, NGINX_VERSION),
      NJS_VERSION: '0.8.10',
      PKG_RELEASE: alpine ? '1' : '1~bookworm',
    },
    layer: () =>
      layer(
        ...(alpine ? alpineBase() : debianBase()),
        nginxPages,
        {
          '/docker-entrypoint.sh': script(NGINX_ENTRYPOINT),
          '/etc/nginx/conf.d/default.conf': nginxConfiguration(port),
        },
        programs('/usr/sbin', ['nginx']),
        programs('/usr/bin', ['curl']),
      ),
  }
}

/** One image, or a family of them where the tag chooses (`nginx` and `nginx:alpine`). */
type ImageRow = {
  readonly names: readonly string[]
  readonly image: (tag: string) => Omit<Image, 'name'>
}

/** Every image that the simulated cluster can pull. To add one, add a row. Tags and digests are accepted as they come. */
export const IMAGES: readonly ImageRow[] = [
  {
    names: ['docker.io/library/alpine'],
    image: () => ({
      sizeBytes: 3_813_273,
      command: ['/bin/sh'],
      env: { PATH },
      layer: () => layer(...alpineBase()),
    }),
  },
  {
    names: ['docker.io/library/busybox'],
    image: (tag) => ({
      sizeBytes: 2_236_931,
      command: ['sh'],
      env: { PATH },
      layer: () =>
        layer(
          RUNTIME_FILES,
          {
            '/root': { kind: 'directory' },
            '/home': { kind: 'directory' },
            '/usr/bin': { kind: 'directory' },
            '/usr/sbin': { kind: 'directory' },
            '/var': { kind: 'directory' },
            // The image is built with glibc where its tag says nothing else.
            [tag.includes('musl') ? MUSL_LOADER : '/lib/libc.so.6']: {
              kind: 'file',
              data: new Uint8Array(0),
              executable: true,
            },
          },
          ACCOUNTS,
          busyboxFiles({ inBin: true }),
        ),
    }),
  },
  {
    names: ['docker.io/library/nginx', 'registry.k8s.io/nginx-slim'],
    image: (tag) => nginxImage(tag, 80),
  },
  {
    names: ['docker.io/nginxinc/nginx-unprivileged'],
    image: (tag) => ({ ...nginxImage(tag, 8080), user: '101' }),
  },
  {
    names: ['docker.io/library/httpd'],
    image: (tag) => ({
      command: ['httpd-foreground'],
      env: {
        HTTPD_PREFIX: '/usr/local/apache2',
        PATH: `/usr/local/apache2/bin:${PATH}`,
        HTTPD_VERSION: versionOfTag(tag, HTTPD_VERSION),
        HTTPD_PATCHES: '',
      },
      workingDir: '/usr/local/apache2',
      layer: () =>
        layer(
          ...(tag.includes('alpine') ? alpineBase() : debianBase()),
          { '/usr/local/apache2/htdocs/index.html': APACHE_PAGE },
          programs('/usr/local/apache2/bin', ['httpd']),
          {
            '/usr/local/bin/httpd-foreground': {
              kind: 'link',
              target: '/usr/local/apache2/bin/httpd',
            },
          },
        ),
    }),
  },
  {
    names: ['docker.io/curlimages/curl', 'quay.io/curl/curl'],
    image: () => ({
      user: 'curl_user',
      sizeBytes: 10_652_192,
      entrypoint: ['/entrypoint.sh'],
      command: ['curl'],
      env: { PATH, CURL_VERSION: '8_12_1' },
      workingDir: '/home/curl_user',
      layer: () =>
        layer(
          ...alpineBase(),
          { '/home/curl_user': { kind: 'directory' } },
          programs('/usr/bin', ['curl']),
          {
            '/entrypoint.sh': script(CURL_ENTRYPOINT),
          },
        ),
    }),
  },
  {
    names: ['docker.io/nicolaka/netshoot', 'ghcr.io/nicolaka/netshoot'],
    image: () => ({
      sizeBytes: 203_934_215,
      command: ['sh'],
      env: { PATH, HOSTNAME: 'netshoot' },
      workingDir: '/root',
      layer: () => layer(...alpineBase(), programs('/usr/bin', ['curl']), networkPrograms),
    }),
  },
  {
    names: ['registry.k8s.io/e2e-test-images/agnhost', 'k8s.gcr.io/e2e-test-images/agnhost'],
    image: () => ({
      sizeBytes: 51_155_161,
      entrypoint: ['/agnhost'],
      command: ['pause'],
      env: { PATH },
      layer: () =>
        layer(
          ...alpineBase(),
          programs('', ['agnhost']),
          programs('/usr/bin', ['curl']),
          networkPrograms,
          { '/uploads': { kind: 'directory' } },
        ),
    }),
  },
  {
    names: ['docker.io/library/redis'],
    image: (tag) => ({
      ...(tag.includes('alpine') ? {} : { sizeBytes: 45_013_665 }),
      entrypoint: ['docker-entrypoint.sh'],
      command: ['redis-server'],
      env: { PATH, GOSU_VERSION: '1.17', REDIS_VERSION: versionOfTag(tag, REDIS_VERSION) },
      workingDir: '/data',
      layer: () =>
        layer(
          ...(tag.includes('alpine') ? alpineBase() : debianBase()),
          { '/data': { kind: 'directory' } },
          programs('/usr/local/bin', ['redis-cli', 'redis-server']),
          { '/usr/local/bin/docker-entrypoint.sh': script(REDIS_ENTRYPOINT) },
        ),
    }),
  },
  {
    names: ['docker.io/library/postgres'],
    image: (tag) => {
      const major = /^\d+/.exec(tag)?.[0] ?? '17'
      return {
        sizeBytes: tag.includes('alpine') ? 110_036_633 : 153_816_116,
        entrypoint: ['docker-entrypoint.sh'],
        command: ['postgres'],
        stopSignal: 'SIGINT',
        env: {
          PATH: `${PATH}:/usr/lib/postgresql/${major}/bin`,
          GOSU_VERSION: '1.17',
          LANG: 'en_US.utf8',
          PG_MAJOR: major,
          PG_VERSION: `${/^\d+\.\d+/.exec(tag)?.[0] ?? (major === '17' ? '17.4' : major)}-1.pgdg120+2`,
          PGDATA: '/var/lib/postgresql/data',
        },
        layer: () =>
          layer(
            ...(tag.includes('alpine') ? alpineBase() : debianBase()),
            programs('/usr/local/bin', ['postgres']),
            { '/usr/local/bin/docker-entrypoint.sh': script(POSTGRES_ENTRYPOINT) },
            { '/var/lib/postgresql/data': { kind: 'directory' } },
          ),
      }
    },
  },
  {
    names: ['registry.k8s.io/pause', 'k8s.gcr.io/pause'],
    image: () => ({
      user: '65535',
      sizeBytes: 320_368,
      entrypoint: ['/pause'],
      env: { PATH },
      layer: () => layer(RUNTIME_FILES, programs('', ['pause'])),
    }),
  },
  {
    names: [
      'registry.k8s.io/coredns/coredns',
      'docker.io/coredns/coredns',
      'k8s.gcr.io/coredns/coredns',
    ],
    image: () => ({
      user: 'nonroot',
      sizeBytes: 18_562_039,
      entrypoint: ['/coredns'],
      env: { PATH },
      layer: () => layer(RUNTIME_FILES, programs('', ['coredns'])),
    }),
  },
  {
    names: [
      'gcr.io/google-samples/hello-app',
      'us-docker.pkg.dev/google-samples/containers/gke/hello-app',
    ],
    image: (tag) => ({
      user: 'nonroot',
      command: ['/hello-app'],
      env: { PATH, HELLO_VERSION: tag.startsWith('2') ? '2.0.0' : '1.0.0' },
      layer: () => layer(RUNTIME_FILES, programs('', ['hello-app'])),
    }),
  },
]
