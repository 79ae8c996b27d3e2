# ./run cai ...: the command line tool, built when needed.
[ -x build/host/bin/cai ] || setup_demo
exec build/host/bin/cai "$@"
