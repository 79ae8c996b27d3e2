# ./run doctor: what is missing; needs nothing itself.
missing=$(missing_packages demo | tr '\n' ' ')
missing_test=$(missing_packages test | tr '\n' ' ')
if [ -x build/host/bin/cai ]; then
  build/host/bin/cai doctor "$@" || status=$?
fi
[ -z "$missing_test" ] || printf 'for the tests: apt-get install --no-install-recommends %s\n' "$missing_test"
[ -z "$missing" ] || fail "packages are missing: $missing" "./run setup installs them, or as root: apt-get install --no-install-recommends $missing"
echo "packages: all there"
[ -x build/host/bin/cai ] || echo "build: not yet; ./run setup builds"
exit "${status:-0}"
