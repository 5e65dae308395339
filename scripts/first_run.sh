#!/bin/sh
# What `make run` does after installing: the main job on the example chart, then what to type next.
set -eu
openmed=$1
here=$(cd "$(dirname "$0")/.." && pwd)
echo
echo "Drafting a case card from the invented chart under examples/ ..."
exec "$here/$openmed" run chart_summary \
    --input "note_path=$here/examples/progress_note.txt" \
    --input "note_path=$here/examples/discharge_summary.txt" \
    --input "note_path=$here/examples/fhir_bundle.json"
