# Runs a program of this folder: source start.sh <what it does, for people> <program> <arguments>.
root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd)
if [[ ! -x "$root/node_modules/.bin/node" ]]; then
  echo "$1: its packages are not installed. Next: run npm ci in $root" >&2
  exit 1
fi
exec "$root/node_modules/.bin/node" "$root/infra/$2" "${@:3}"
