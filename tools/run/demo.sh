# ./run demo: set up, then hand over to tools/demo/demo.py.
case " $* " in
  *" --help "* | *" -h "*) [ -x /usr/bin/python3 ] && exec /usr/bin/python3 tools/demo/demo.py --help
    echo "usage: ./run demo [--once] [--json FILE] [--board an521|an547] [--fresh] [--state DIR]"; exit 0 ;;
esac
boards="an521 an547"
case " $* " in
  *" --board an521 "*) boards=an521 ;;
  *" --board an547 "*) boards=an547 ;;
esac
setup_start=$(date +%s)
cold=0
[ -x build/host/bin/cai ] || cold=1
setup_demo "$boards"
CAI_DEMO_COLD=$cold CAI_DEMO_START=$setup_start exec /usr/bin/python3 tools/demo/demo.py "$@"
