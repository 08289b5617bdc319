#!/usr/bin/env python3
"""Judges what the rejected topic says of messages whose fate is known: nothing that cannot be counted may be silent, and nothing may be claimed that is not there (docs/messages.md,
"Rejections" and "Many at once").

usage: rejections.py SENT.ndjson DUMP.ndjson      exit 1 if anything is wrong
SENT: {"partition": 0, "offset": 7, "counts": true} a line; of a message that may be there twice only the places that are known. DUMP: {"key": …, "value": {…}} a line, in order.
All of one input topic. Processes may have been killed and have told again; each read on without a gap, so every word that one of them says of a range must be true by itself.
"""
import bisect
import collections
import json
import sys

# Told of a status that counts once its agency is known: it says nothing of whether the message is lost.
NO_LOSS = "unknown_agency"


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


class Places:
    """Offsets of a partition."""

    def __init__(self, offsets):
        self.offsets = sorted(offsets)
        self.known = set(self.offsets)

    def between(self, first, last):
        return bisect.bisect_right(self.offsets, last) - bisect.bisect_left(self.offsets, first)


def judge(sent, records):
    wrong, told, ranges = [], collections.defaultdict(set), []
    garbage, good = collections.defaultdict(set), collections.defaultdict(set)
    for one in sent:
        (good if one["counts"] else garbage)[one["partition"]].add(one["offset"])

    for record in records:
        key, value = record["key"], record["value"]
        partition = value["partition"]
        if value["reason"] == "left_out":
            first, last, reasons = value["first_offset"], value["last_offset"], value["reasons"]
            if key != f'{value["topic"]}-{partition}-{first}..{last}':
                wrong.append(f"{key}: speaks of {partition}, {first} to {last}")
            elif sum(reasons.values()) != value["count"]:
                wrong.append(f'{key}: {value["count"]} were left out, but the reasons are {reasons}')
            else:
                ranges.append((key, partition, first, last, reasons))
        elif key != f'{value["topic"]}-{partition}-{value["offset"]}.{value["index"]}':
            wrong.append(f'{key}: speaks of {partition}, {value["offset"]}')
        elif value["reason"] != NO_LOSS:
            told[partition].add(value["offset"])
            if value["offset"] in good[partition]:
                wrong.append(f'{key}: told as {value["reason"]}, but it can be counted')

    silent = {partition: Places(offsets - told[partition]) for partition, offsets in garbage.items()}
    counted = {partition: Places(offsets) for partition, offsets in good.items()}
    covered = collections.defaultdict(set)
    nothing, left_out = Places([]), 0
    for key, partition, first, last, reasons in ranges:
        count = sum(n for reason, n in reasons.items() if reason != NO_LOSS)
        left_out += count
        missing, most = silent.get(partition, nothing).between(first, last), last - first + 1 - counted.get(partition, nothing).between(first, last)
        if count < missing:
            wrong.append(f"{key}: says that {count} were left out, but of those between {missing} are told nowhere")
        if count > most:
            wrong.append(f"{key}: says that {count} were left out, but between are only {most} that cannot be counted")
        if NO_LOSS not in reasons and not counted.get(partition, nothing).known.isdisjoint((first, last)):
            wrong.append(f"{key}: begins or ends at a message that can be counted")
        places = silent.get(partition, nothing).offsets
        covered[partition].update(places[bisect.bisect_left(places, first):bisect.bisect_right(places, last)])
    dropped = sorted((p, offset) for p, places in silent.items() for offset in places.known - covered[p])
    if dropped:
        wrong.append(f"{len(dropped)} of {sum(map(len, garbage.values()))} messages that cannot be counted were dropped silently: {dropped[:10]}")
    return wrong, f"note: {sum(map(len, told.values()))} told, {left_out} left out in {len(ranges)} records, {sum(len(p.known) for p in silent.values())} told nowhere by themselves"


def main(arguments):
    if len(arguments) != 2:
        print(__doc__, file=sys.stderr)
        return 2
    wrong, note = judge(lines(arguments[0]), lines(arguments[1]))
    print(note)
    for line in wrong:
        print(line)
    return 1 if wrong else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
