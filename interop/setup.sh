#!/bin/sh
# Sets up the outside programs of the scripts beside this one, pinned, in a folder that git ignores.
#
#   interop/setup.sh [FOLDER]     the folder is .cache/interop unless given
#
# Then: .cache/interop/bin/python interop/logits.py
set -eu
cd "$(dirname "$0")/.."
folder="${1:-.cache/interop}"
python3 -m venv "$folder"
"$folder/bin/pip" install --quiet --requirement interop/requirements.txt
echo "ready: $folder/bin/python"
