# ./run format [--check]: clang-format over every C++ file of the tree.
setup_packages format
files=$(git ls-files '*.h' '*.cc' | grep -v '^lib/base/error_list.h$')
# shellcheck disable=SC2086
case ${1:-} in
  "") clang-format-19 -i $files ;;
  --check) clang-format-19 --dry-run -Werror $files ;;
  *) echo "usage: ./run format [--check]" && [ "$1" = --help ] || exit 2 ;;
esac
