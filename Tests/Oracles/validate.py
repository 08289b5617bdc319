#!/usr/bin/env python3
"""Validates every line of an NDJSON file against a JSON Schema (2020-12); needs the package jsonschema.

usage: validate.py SCHEMA FILE.ndjson      FILE - is standard input; exit 1 if any line is wrong
"""
import json
import sys

try:
    import jsonschema
except ImportError:
    sys.exit("validate.py: needs jsonschema: pip install jsonschema")


def no_constant(name):
    raise ValueError(f"{name} is not JSON")


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    with open(arguments[0], encoding="utf-8") as f:
        schema = json.load(f)
    jsonschema.Draft202012Validator.check_schema(schema)
    validator = jsonschema.Draft202012Validator(schema)
    lines = wrong = 0
    with sys.stdin.buffer if arguments[1] == "-" else open(arguments[1], "rb") as f:
        for number, line in enumerate(f, 1):
            if not line.strip():
                continue
            lines += 1
            try:
                errors = [f"{e.json_path}: {e.message}" for e in validator.iter_errors(json.loads(line, parse_constant=no_constant))]
            except ValueError as e:                 # not UTF-8 or not JSON
                errors = [str(e)]
            wrong += bool(errors)
            for error in errors:
                print(f"{arguments[1]}:{number}: {error}")
    print(f"{lines} lines, {wrong} wrong")
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
