"""How every benchmark says what it measured."""

import argparse
import json


def options(description):
    parser = argparse.ArgumentParser(description=description)
    parser.add_argument("--json", metavar="FILE", help="write the results")
    return parser.parse_args()


def result(name, value, unit, better="lower"):
    return {"name": name, "value": value, "unit": unit, "better": better}


def report(suite, results, file):
    for one in results:
        print(f"{one['name']:<52} {one['value']:>14,} {one['unit']}")
    if file:
        with open(file, "w") as out:
            json.dump({"suite": suite, "results": results}, out, indent=1)
            out.write("\n")
