# ./run bench NAME --json FILE: figures, never judged here.
case ${1:-} in
  "" | --help | -h)
    cat <<'EOF'
usage: ./run bench NAME [--json FILE]

  device   instructions executed in QEMU (deterministic), both boards
  system   the demo: seconds to readings when warm, processor share and memory
EOF
    exit 0 ;;
esac
name=$1
shift
[ -f "bench/$name.py" ] || fail "there is no benchmark '$name'" "./run bench --help lists them" 2
case $name in
  device)
    setup_packages demo
    setup_sources
    for board in an521 an547; do build "device-$board"; done ;;
  *) setup_demo ;;
esac
exec /usr/bin/python3 "bench/$name.py" "$@"
