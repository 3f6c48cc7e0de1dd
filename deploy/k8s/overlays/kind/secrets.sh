#!/usr/bin/env bash
# Makes the secrets of a cluster to play with, unless they are there. They stay out of the repository.
set -euo pipefail
cd "$(dirname "$0")"
[[ ! -e secrets ]] || { echo "they are there: $PWD/secrets"; exit 0; }
umask 077
secret() { od -An -N32 -tx1 /dev/urandom | tr -d ' \n'; }
database=$(secret)
broker=$(secret)
mkdir secrets.new
printf 'password=%s\nurl=postgres://platen:%s@postgres:5432/platen\n' "$database" "$database" >secrets.new/database
printf 'password=%s\nurl=amqp://platen:%s@rabbitmq:5672/%%2f\n' "$broker" "$broker" >secrets.new/broker
printf 'access-key-id=platen\nsecret-access-key=%s\n' "$(secret)" >secrets.new/object-store
printf 'key=%s\n' "$(secret)" >secrets.new/link-key
printf 'key=%s\n' "$(secret)" >secrets.new/seal-key
mv secrets.new secrets
echo "made: $PWD/secrets"
