#!/bin/sh
# Runs a Python program of the packages unpacked in FOLDER, or of the system where they are installed.
#
#   debian.sh FOLDER PROGRAM [ARGUMENT ...]
set -eu
folder=$1 program=$2
shift 2
export PYTHONPATH="$folder/root/usr/lib/python3/dist-packages"
for libraries in "$folder"/root/usr/lib/*-linux-gnu; do export LD_LIBRARY_PATH="$libraries"; done
case $program in
  /*) ;;
  *) for place in "$folder/root/usr/bin" /usr/bin; do
    if [ -e "$place/$program" ]; then program=$place/$program && break; fi
  done ;;
esac
# Debian's own Python: the packages' compiled modules are built for it.
exec /usr/bin/python3 "$program" "$@"
