# ./run test [NAME]: everything, or one part.
case ${1:-} in
  --help | -h)
    cat <<'EOF'
usage: ./run test [NAME]

  unit       host tests, ASan and UBSan on; every fuzz corpus replayed
  device     the same logic and the isolation tests inside QEMU, both boards
  power-loss the power cut at every flash operation; the count of cuts
  interop    against other people's implementations
  e2e        the whole system: services, broker, both devices, browser
  attacks    hostile code, images, messages and resets; prints each refusal
  NAME       any ctest of these by (partial) name
EOF
    exit 0 ;;
esac
setup_packages demo test
setup_sources
wanted=${1:-all}
passed=0 failed=0 skipped=0

# Adds up ctest's and pytest's closing lines.
count() {  # LOG
  local p f s
  if grep -q 'tests passed\|tests failed' "$1"; then
    read -r f p < <(sed -n 's/.*% tests passed, \([0-9]*\) tests failed out of \([0-9]*\)/\1 \2/p' "$1")
    passed=$((passed + p - f)) failed=$((failed + f))
  else
    p=$(grep -oE '[0-9]+ passed' "$1" | tail -n 1 | cut -d' ' -f1) || true
    f=$(grep -oE '[0-9]+ (failed|error)' "$1" | tail -n 1 | cut -d' ' -f1) || true
    s=$(grep -oE '[0-9]+ skipped' "$1" | tail -n 1 | cut -d' ' -f1) || true
    passed=$((passed + ${p:-0})) failed=$((failed + ${f:-0})) skipped=$((skipped + ${s:-0}))
  fi
}

# A part that fails does not hide the others.
part() {  # NAME LABEL COMMAND...
  local name=$1 status=0 before=$failed
  # A subshell forgets traps: without them Ctrl-C would leave the part running.
  (trap on_interrupt INT TERM; step "test-$@") || status=$?
  count "$logs/test-$name.log"
  [ $status -eq 0 ] || [ $failed -gt $before ] || failed=$((failed + 1))
}

# Tests that count what they were given leave a table: cose_examples_test.
tables=build/cose-examples.txt

unit() {
  rm -f $tables
  build host-asan
  part unit "unit tests (host, sanitizers)" ctest --test-dir build/host-asan -L unit --output-on-failure -j2 ${1:+-R "$1"}
  [ ! -f $tables ] || cat $tables
}
device() {
  local board
  for board in an521 an547; do
    build "device-$board"
    part "device-$board" "device tests ($board)" ctest --test-dir "build/device-$board" -L device --output-on-failure -j2 ${1:+-R "$1"}
  done
}
pytests() {  # NAME FOLDER...
  local name=$1
  shift
  part "$name" "$name tests" /usr/bin/python3 -m pytest -q -rs -p no:cacheprovider "$@"
}
# What each attack aimed at and how it was refused, as the tests said it.
refusals() {  # BUILD...
  local build
  for build; do
    sed -n "s/^# attack: /$(basename "$build") | /p" "build/$build/Testing/Temporary/LastTest.log" 2>/dev/null
  done
}
attacks() {
  local board
  build host-asan
  part attacks-host "attacks (host)" ctest --test-dir build/host-asan -L attacks --output-on-failure -j2
  for board in an521 an547; do
    build "device-$board"
    part "attacks-$board" "attacks ($board)" ctest --test-dir "build/device-$board" -L attacks --output-on-failure -j2
  done
  host_services
  part attacks "attacks (whole system)" /usr/bin/python3 -m pytest -q -s -rs -p no:cacheprovider tests/attacks
  refusals host-asan device-an521 device-an547
  sed -n 's/^[.s]*# attack: /system | /p' "$logs/test-attacks.log"
}
host_services() {
  build host demo cose_driver
  for board in an521 an547; do build "device-$board" images; done
}

# Each test of the label prints lines "power cuts: N (what)" (device/platform/sim/cuts.h).
power_loss() {
  build host-asan
  part power-loss "power cut at every operation" ctest --test-dir build/host-asan -L power_loss -V -j2
  power_cuts
  [ ! -d tests/power_loss ] || { host_services; pytests power-loss-qemu tests/power_loss; }
}
power_cuts() {
  sed -n 's/^[0-9]*: power cuts: \([0-9]*\) (\(.*\))$/\1 \2/p' "$logs/test-power-loss.log" | awk '
    { n += $1; w = $2; for (i = 3; i <= NF; ++i) w = w " " $i; printf "%12d  %s\n", $1, w }
    END { printf "%12d  power cuts in all\n", n; exit n == 0 }'
}

case $wanted in
  all) unit; device; host_services; pytests services tests --ignore tests/e2e --ignore tests/device; pytests e2e tests/e2e ;;
  unit) unit ;;
  device) device ;;
  power-loss) power_loss ;;
  attacks) attacks ;;
  interop) host_services; pytests interop tests/interop ;;
  e2e) host_services; pytests e2e tests/e2e ;;
  *)
    if [ -d "tests/$wanted" ]; then host_services; pytests "$wanted" "tests/$wanted"
    else unit "$wanted"; device "$wanted"; fi ;;
esac
[ $((passed + failed)) -gt 0 ] || fail "no test has the name '$wanted'" "./run test --help" 2
echo "$passed passed, $failed failed, $skipped skipped"
[ $failed -eq 0 ]
