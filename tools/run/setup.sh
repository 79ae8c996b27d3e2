# ./run setup: packages, sources and build of the demo; with `test`, of the tests.
case ${1:-} in
  "") setup_demo ;;
  test)
    setup_packages demo test
    setup_demo
    ;;
  *) echo "usage: ./run setup [test]" && [ "$1" = --help ] || exit 2 ;;
esac
