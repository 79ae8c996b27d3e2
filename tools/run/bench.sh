# ./run bench NAME --json FILE: figures, never judged here.
case ${1:-} in
  "" | --help | -h)
    cat <<'EOF'
usage: ./run bench NAME [--json FILE]

  cose     sealing and opening messages beside the raw AEAD: host, both boards
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
    build host cai
    for board in an521 an547; do build "device-$board"; done ;;
  cose)
    setup_packages demo bench
    setup_sources
    build host cose_host_bench
    for board in an521 an547; do
      build "bench-$board" cose_bench
      build "device-$board" cose_bench cose_code
    done ;;
  *) setup_demo ;;
esac
exec /usr/bin/python3 "bench/$name.py" "$@"
