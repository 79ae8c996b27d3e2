#
# ./run bench NAME --json FILE
