#!/bin/sh
# Makes .env and secrets/metrics_token beside this file, each secret fresh and random. Changes nothing that is there.
set -eu
cd "$(dirname "$0")"
if [ -e .env ]; then
  echo "new-secrets: .env is there already; nothing was changed." >&2
  exit 1
fi
umask 077
secret() { head -c 24 /dev/urandom | od -An -tx1 | tr -d ' \n'; }
token=$(secret)
while IFS= read -r line; do
  case "$line" in
    ISOTHERM_METRICS_TOKEN=) echo "$line$token" ;;
    ISOTHERM_ADMIN_PASSWORD= | ISOTHERM_INFLUX_PASSWORD= | INFLUXDB_*_PASSWORD= | GRAFANA_ADMIN_PASSWORD=)
      echo "$line$(secret)"
      ;;
    *) echo "$line" ;;
  esac
done < .env.example > .env.new
# Prometheus runs under an account of its own and has to read the file; the folder keeps everybody else of this machine out.
mkdir -p secrets
printf %s "$token" > secrets/metrics_token
chmod 0444 secrets/metrics_token
mv .env.new .env
echo "new-secrets: made .env and secrets/metrics_token." >&2
