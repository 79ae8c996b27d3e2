# ./run size [--json]: flash and RAM of each partition against its budget.
case ${1:-} in --help | -h) echo "usage: ./run size [--json]"; exit 0 ;; esac
setup_packages demo
setup_sources
for board in an521 an547; do
  build "device-$board" images
  python3 tools/size.py --board "$board" --build "build/device-$board" "$@"
done
