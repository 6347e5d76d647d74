import type { BaseNode } from '../files/file-node.ts'

/** An executable text of an image. */
export function script(text: string): BaseNode {
  return { kind: 'file', executable: true, data: new TextEncoder().encode(text) }
}

/** What the official nginx image says before it starts the server. */
export const NGINX_ENTRYPOINT = `#!/bin/sh
if [ "$1" = "nginx" ] || [ "$1" = "nginx-debug" ]; then
  if [ -z "\${NGINX_ENTRYPOINT_QUIET_LOGS:-}" ]; then
    me=/docker-entrypoint.sh
    dir=/docker-entrypoint.d
    echo "$me: $dir/ is not empty, will attempt to perform configuration"
    echo "$me: Looking for shell scripts in $dir/"
    echo "$me: Launching $dir/10-listen-on-ipv6-by-default.sh"
    echo "10-listen-on-ipv6-by-default.sh: info: IPv6 listen already enabled"
    echo "$me: Sourcing $dir/15-local-resolvers.envsh"
    echo "$me: Launching $dir/20-envsubst-on-templates.sh"
    echo "$me: Launching $dir/30-tune-worker-processes.sh"
    echo "$me: Configuration complete; ready for start up"
  fi
fi
exec "$@"
`

export function nginxConfiguration(port: number): string {
  return `server {
    listen       ${port};
    server_name  localhost;

    location / {
        root   /usr/share/nginx/html;
        index  index.html index.htm;
    }

    error_page   500 502 503 504  /50x.html;
    location = /50x.html {
        root   /usr/share/nginx/html;
    }
}
`
}

export const REDIS_ENTRYPOINT = `#!/bin/sh
set -e
# The first argument is an option or a configuration: it is for redis-server.
if [ "\${1#-}" != "$1" ] || [ "\${1%.conf}" != "$1" ]; then
  set -- redis-server "$@"
fi
exec "$@"
`

/** Without a password the official image refuses to start. */
export const POSTGRES_ENTRYPOINT = `#!/bin/sh
if [ "\${1#-}" != "$1" ]; then
  set -- postgres "$@"
fi
if [ "$1" = "postgres" ] && [ -z "$POSTGRES_PASSWORD" ] && [ "$POSTGRES_HOST_AUTH_METHOD" != "trust" ]; then
  cat >&2 <<'EOE'
Error: Database is uninitialized and superuser password is not specified.
       You must specify POSTGRES_PASSWORD to a non-empty value for the
       superuser. For example, "-e POSTGRES_PASSWORD=password" on "docker run".

       You may also use "POSTGRES_HOST_AUTH_METHOD=trust" to allow all
       connections without a password. This is *not* recommended.

       See PostgreSQL documentation about "trust":
       https://www.postgresql.org/docs/current/auth-trust.html
EOE
  exit 1
fi
exec "$@"
`

export const CURL_ENTRYPOINT = `#!/bin/sh
# First arg is \`-f\` or \`--some-option\`, or there is no such command: it is for curl.
if [ "\${1#-}" != "\${1}" ] || [ -z "$(command -v "\${1}")" ]; then
  set -- curl "$@"
fi
exec "$@"
`
