# ./run sdk: the folder with which others build NS applications.
out=build/sdk
case ${1:-} in
  --help | -h)
    cat <<'EOT'
usage: ./run sdk [--out DIR]

Makes the NS SDK for both boards: PSA headers, client and veneer libraries, linker
script, CMake package, an example (default: build/sdk). Its README.md goes on from there.
EOT
    exit 0 ;;
  --out)
    [ -n "${2:-}" ] || fail "--out needs a folder" "./run sdk --help" 2
    case $2 in /*) out=$2 ;; *) out=$CAI_CWD/$2 ;; esac ;;
  "") ;;
  *) fail "unknown option '$1'" "./run sdk --help" 2 ;;
esac
setup_packages demo
setup_sources
for board in an521 an547; do
  build "device-$board" images
  step "sdk-$board" "installing the SDK of $board" \
    cmake --install "build/device-$board" --component sdk --prefix "$out"
done
echo "$out: see README.md there"
