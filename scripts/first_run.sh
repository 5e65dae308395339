#!/bin/sh
# What `make run` does after installing: on a terminal the whole way from a chart to a signed bundle, else the
# draft, and what to type next.
set -eu
here=$(cd "$(dirname "$0")/.." && pwd)
openmed=$here/$1
python=$(dirname "$openmed")/python

draft_example() {
    "$openmed" run chart_summary \
        --input "note_path=$here/examples/progress_note.txt" \
        --input "note_path=$here/examples/discharge_summary.txt" \
        --input "note_path=$here/examples/fhir_bundle.json" "$@"
}

# Reads JSON from standard input and prints what the expression $1 takes from it.
from_json() {
    "$python" -c "import json, sys; value = json.load(sys.stdin); print($1)"
}

step() {
    printf '\n── %s\n\n' "$1"
}

# The next step that a command names begins with openmed, which need not be on the PATH yet.
say_where_openmed_is() {
    [ "$(command -v openmed || true)" = "$openmed" ] || printf 'openmed is %s here, until it is on your PATH.\n' "$1"
}

if ! [ -t 0 ] || ! [ -t 1 ]; then
    printf '\nDrafting a case card from the invented chart under examples/ ...\n'
    draft_example
    say_where_openmed_is "$1"
    exit
fi

printf '\nFrom an invented chart to a signed case card.\nCtrl+C stops at any point, and nothing is lost.\n'

step "1 of 4 · Draft: what three documents say of one patient"
draft_example
draft=$("$openmed" drafts --json | from_json 'value[0]["draft_id"]')
short=$(printf '%.8s' "$draft")
echo "It is kept, encrypted. All of it: $1 show $short"

step "2 of 4 · Reviewer: the name and key that sign"
reviewers=$("$openmed" reviewer list --json)
reviewer=$(printf '%s' "$reviewers" | from_json 'next((one["name"] for one in value if not one["retired"]), "")')
while [ -z "$reviewer" ]; do
    printf 'Your name, as it shall stand on the signature (empty stops): '
    read -r name || exit 130
    [ -n "$name" ] || { echo "Stopped. Go on with: make run"; exit 0; }
    if "$openmed" reviewer create "$name"; then reviewer=$name; fi
done
echo "Reviewer: $reviewer"

step "3 of 4 · Review and sign: item by item, the source beside each claim"
bundle=$HOME/openmed-example-$short
"$openmed" review "$draft" --reviewer "$reviewer" --out "$bundle"
[ -d "$bundle" ] || { say_where_openmed_is "$1"; exit 0; }

step "4 of 4 · Verify: what anyone can check later"
"$openmed" verify "$bundle"
printf '\nYour own chart: %s run chart_summary --input note_path=FILE\n' "$1"
