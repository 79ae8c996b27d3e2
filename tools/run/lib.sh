# Shared by the commands of ./run: messages, progress, packages, sources, builds.

logs=build/logs
mkdir -p "$logs"

fail() {  # MESSAGE [HINT] [CODE]
  printf 'error: %s\n' "$1" >&2
  [ -n "${2:-}" ] && printf 'hint: %s\n' "$2" >&2
  exit "${3:-1}"
}

on_interrupt() {
  trap - INT TERM
  printf '\nstopped; the same command goes on from here\n' >&2
  [ -n "${child:-}" ] && kill -TERM -- "-$child" 2>/dev/null
  exit 130
}
trap on_interrupt INT TERM

bar() {  # LABEL PERCENT
  local width=24 full
  full=$(($2 * width / 100))
  printf '\r\033[K%-44s [%-*s] %3d %%' "$1" "$width" "$(printf '%*s' "$full" '' | tr ' ' '=')" "$2"
}

# The newest "[12/345]" (ninja) or ":45.6:" (apt's status) of a log, as percent.
percent_of() {  # LOG
  tail -c 600 "$1" 2>/dev/null | tr '\r' '\n' | awk '
    match($0, /^\[[0-9]+\/[0-9]+\]/) { split(substr($0, 2, RLENGTH - 2), p, "/"); v = p[2] ? 100 * p[1] / p[2] : 0 }
    /^(dl|pm)status:/ { split($0, p, ":"); v = ($1 ~ /^dl/ ? 0 : 50) + p[3] / 2 }
    END { printf "%d", v }'
}

# Runs a command with its output in a log and one line of progress on screen.
step() {  # NAME LABEL COMMAND...
  local name=$1 label=$2 log=$logs/$1.log start=$SECONDS status=0
  shift 2
  : >"$log"
  set -m
  "$@" >"$log" 2>&1 </dev/null &
  child=$!
  set +m
  [ -t 1 ] || printf '%s ...\n' "$label"
  while kill -0 "$child" 2>/dev/null; do
    [ -t 1 ] && bar "$label" "$(percent_of "$log")"
    sleep 0.2
  done
  wait "$child" || status=$?
  child=
  if [ $status -ne 0 ]; then
    [ -t 1 ] && printf '\r\033[K'
    tail -n 25 "$log" >&2
    fail "$label failed" "the whole output is in $log"
  fi
  if [ $((SECONDS - start)) -ge 2 ]; then
    [ -t 1 ] && printf '\r\033[K'
    printf '%-44s done in %d s\n' "$label" $((SECONDS - start))
  elif [ -t 1 ]; then
    printf '\r\033[K'
  fi
}

packages_of() {  # LIST...
  local list
  for list; do sed 's/#.*//' "tools/run/packages-$list.txt"; done | tr -s ' \n' '\n' | sed '/^$/d'
}

missing_packages() {  # LIST...
  local package
  for package in $(packages_of "$@"); do
    [ "$(dpkg-query -W -f '${db:Status-Status}' "$package" 2>/dev/null)" = installed ] || echo "$package"
  done
}

as_root() {
  if [ "$(id -u)" = 0 ]; then "$@"; else sudo -n "$@"; fi
}

# Runs as root. Services that a package brings are not started: Debian's
# policy-rc.d says so while we install, and is put back as it was.
apt_install() {
  local policy=/usr/sbin/policy-rc.d guard
  guard='p='$policy'; if [ ! -e $p ]; then printf "#!/bin/sh\nexit 101\n" >$p; chmod 755 $p; trap "rm -f $p" EXIT; trap "exit 143" HUP INT TERM; fi; '
  # First what an interrupted installation left half done: apt refuses to go on from there.
  guard+='export DEBIAN_FRONTEND=noninteractive; dpkg --configure -a || true; '
  as_root sh -c "$guard"'apt-get -y -q -f --no-install-recommends -o APT::Status-Fd=1 -o DPkg::Lock::Timeout=120 install "$@"' sh "$@"
}

setup_packages() {  # LIST...
  local missing megabytes
  command -v apt-get >/dev/null || fail "this machine has no apt-get" "the project is set up for Debian 12"
  missing=$(missing_packages "$@" | tr '\n' ' ')
  [ -z "$missing" ] && return
  if [ "$(id -u)" != 0 ] && ! command -v sudo >/dev/null; then
    fail "packages are missing and installing them needs root" "as root: apt-get install --no-install-recommends $missing"
  fi
  echo "Root is needed to install Debian packages, and for nothing else:"
  echo "  $missing" | fold -s -w 96
  # The password is asked for here: a step runs in the background, where sudo would stop for it.
  if [ "$(id -u)" != 0 ] && ! sudo -n true 2>/dev/null && ! sudo -v; then
    fail "packages are missing and sudo does not let you install them" "as root: apt-get install --no-install-recommends $missing"
  fi
  # Old lists name files that the mirror has no more; a failure shows below.
  step apt-update "reading package lists" as_root sh -c 'apt-get -q update || true'
  # shellcheck disable=SC2086
  apt-get -qq -f --no-install-recommends --print-uris install $missing >"$logs/apt-uris" 2>"$logs/apt-uris.err" ||
    fail "apt cannot find the packages: $(tail -n 1 "$logs/apt-uris.err")" "check /etc/apt/sources.list; ./run doctor lists what is missing"
  megabytes=$(awk '{ n += $3 } END { printf "%d", n / 1e6 + 0.5 }' "$logs/apt-uris")
  # shellcheck disable=SC2086
  step apt-install "installing packages ($megabytes MB to fetch)" apt_install $missing
  # policy-rc.d keeps a service from starting now; this, from starting at boot.
  case " $missing " in
    *" mosquitto "*) as_root systemctl disable --quiet mosquitto.service 2>/dev/null || true ;;
  esac
}

setup_sources() {
  if [ -z "${CAI_MBEDTLS_SOURCE:-}" ] && [ ! -f build/third_party/mbedtls/VERSION ]; then
    step fetch-mbedtls "fetching Mbed TLS 3.6 (17 MB with lists)" third_party/fetch mbedtls 3.6 "$PWD/build/third_party/mbedtls"
    tail -n 1 "$logs/fetch-mbedtls.log"
  fi
  if [ -z "${CAI_LWIP_SOURCE:-}" ] && [ ! -f build/third_party/lwip/VERSION ]; then
    step fetch-lwip "fetching lwIP 2.2 (1 MB)" third_party/fetch lwip 2.2 "$PWD/build/third_party/lwip"
    tail -n 1 "$logs/fetch-lwip.log"
  fi
}

check_space() {
  local free
  free=$(df -Pm build | awk 'NR == 2 { print $4 }')
  [ "$free" -ge "${1:-2000}" ] || fail "only $free MB are free under build/" "at least ${1:-2000} MB are needed"
}

configure() {  # PRESET
  [ -f "build/$1/build.ninja" ] ||
    step "configure-$1" "configuring $1" cmake --preset "$1" \
      ${CAI_MBEDTLS_SOURCE:+-DCAI_MBEDTLS_SOURCE=$CAI_MBEDTLS_SOURCE} ${CAI_LWIP_SOURCE:+-DCAI_LWIP_SOURCE=$CAI_LWIP_SOURCE}
}

build() {  # PRESET [TARGET...]
  local preset=$1
  shift
  configure "$preset"
  step "build-$preset" "building $preset" cmake --build --preset "$preset" ${1:+--target "$@"}
}

setup_demo() {
  [ -x build/host/bin/cai ] || check_space 2000
  setup_packages demo
  setup_sources
  build host demo
  for board in ${1:-an521 an547}; do build "device-$board" images; done
}
