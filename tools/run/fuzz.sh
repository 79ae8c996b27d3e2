# ./run fuzz [TARGET] [SECONDS]: libFuzzer under ASan and UBSan, each target in
# turn for SECONDS (default 60); a crash is an error and its input is kept.
case ${1:-} in --help | -h) echo "usage: ./run fuzz [TARGET|all] [SECONDS]"; exit 0 ;; esac
setup_packages demo fuzz
rm -f build/host-fuzz/fuzz_targets.txt
step configure-host-fuzz "configuring host-fuzz" cmake --preset host-fuzz
wanted=${1:-all} seconds=${2:-60} ran=0
while read -r target corpus; do
  [ "$wanted" = all ] || [ "$wanted" = "$target" ] || continue
  build host-fuzz "$target"
  work=build/fuzz/$target
  mkdir -p "$work"
  program=$(find build/host-fuzz -name "$target" -type f -perm -u+x | head -n 1)
  step "fuzz-$target" "fuzzing $target for $seconds s" "$program" -max_total_time="$seconds" -artifact_prefix="$work/" -print_final_stats=1 "$work" "$corpus"
  grep -h 'stat::number_of_executed_units' "$logs/fuzz-$target.log" | sed "s/^/$target /"
  ran=$((ran + 1))
done <build/host-fuzz/fuzz_targets.txt
[ $ran -gt 0 ] || fail "there is no fuzz target '$wanted'" "targets: $(cut -d' ' -f1 build/host-fuzz/fuzz_targets.txt | tr '\n' ' ')" 2
