#!/bin/bash
# Elasticsearch takes its first password only from a file that nobody else may read, and a secret mounted by compose has the
# modes of the host. So it gets a copy of its own, in memory. With bash: some other shells drop variables with a dot in
# their name, and those are the settings.
set -eu
[ -s /run/secrets/elastic_password ] || { echo "no secret elastic_password; run scripts/make-secrets" >&2; exit 78; }
umask 077
cat /run/secrets/elastic_password > /tmp/elastic_password
export ELASTIC_PASSWORD_FILE=/tmp/elastic_password
exec /bin/tini -- /usr/local/bin/docker-entrypoint.sh eswrapper
