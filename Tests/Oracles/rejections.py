#!/usr/bin/env python3
"""Judges what the rejected topic says of messages whose fate is known: nothing that cannot be counted may be silent, and nothing may be claimed that is not there (docs/messages.md,
"Rejections" and "Many at once").

usage: rejections.py SENT.ndjson DUMP.ndjson      exit 1 if anything is wrong
SENT: {"partition": 0, "offset": 7, "counts": true} a line; of a message that may be there twice only the places that are known. DUMP: {"key": …, "value": {…}} a line, in order.
All of one input topic. Processes may have been killed and have told again; each read on without a gap, so every word that one of them says of a range must be true by itself.

Where the topic was made anew, "life" of a line in SENT says in which of its lives the message lay there (0, if it is missing): offsets begin again in each. A rejection belongs to the
life in which a message of its SHA-256 lay at its place, if "value" (base64, or null) says what lay there; what is left out must be true of one life. "owed": false: nobody need speak
of it, because the topic is no more, or the rejected topic that did.
"""
import base64
import bisect
import collections
import hashlib
import json
import sys

# Told of a status that counts once its agency is known: it says nothing of whether the message is lost.
NO_LOSS = "unknown_agency"


def lines(path):
    with open(path, encoding="utf-8") as f:
        return [json.loads(line) for line in f if line.strip()]


def digest(value):
    return hashlib.sha256(base64.b64decode(value) if value else b"").hexdigest()


class Places:
    """Offsets of a partition."""

    def __init__(self, offsets):
        self.offsets = sorted(offsets)
        self.known = set(self.offsets)

    def between(self, first, last):
        return bisect.bisect_right(self.offsets, last) - bisect.bisect_left(self.offsets, first)


NOTHING = Places([])


class Life:
    """What lay in an input topic from when it was made until it was deleted."""

    def __init__(self, sent):
        self.garbage, self.owed, self.good, self.told = (collections.defaultdict(set) for _ in range(4))
        self.digests = {}
        for one in sent:
            partition, offset = one["partition"], one["offset"]
            (self.good if one["counts"] else self.garbage)[partition].add(offset)
            if not one["counts"] and one.get("owed", True):
                self.owed[partition].add(offset)
            if "value" in one:
                self.digests[partition, offset] = digest(one["value"])

    def may_hold(self, partition, offset, sha256):
        """Whether a message of this digest may lie there."""
        return self.digests.get((partition, offset), sha256) == sha256

    def knows(self, partition, offset):
        return offset in self.garbage[partition] or offset in self.good[partition]

    def settle(self):
        """All that was told by itself is known."""
        self.silent = {partition: Places(offsets - self.told[partition]) for partition, offsets in self.owed.items()}
        self.counted = {partition: Places(offsets) for partition, offsets in self.good.items()}
        self.covered = collections.defaultdict(set)

    def faults(self, key, partition, first, last, reasons):
        """What is untrue of a word on what was left out."""
        count = sum(n for reason, n in reasons.items() if reason != NO_LOSS)
        missing, most = self.silent.get(partition, NOTHING).between(first, last), last - first + 1 - self.counted.get(partition, NOTHING).between(first, last)
        if count < missing:
            yield f"{key}: says that {count} were left out, but of those between {missing} are told nowhere"
        if count > most:
            yield f"{key}: says that {count} were left out, but between are only {most} that cannot be counted"
        if NO_LOSS not in reasons and not self.counted.get(partition, NOTHING).known.isdisjoint((first, last)):
            yield f"{key}: begins or ends at a message that can be counted"

    def cover(self, partition, first, last):
        places = self.silent.get(partition, NOTHING).offsets
        self.covered[partition].update(places[bisect.bisect_left(places, first):bisect.bisect_right(places, last)])

    def dropped(self):
        return sorted((p, offset) for p, places in self.silent.items() for offset in places.known - self.covered[p])


def judge(sent, records):
    wrong, ranges = [], []
    by_life = collections.defaultdict(list)
    for one in sent:
        by_life[one.get("life", 0)].append(one)
    lives = [Life(by_life[number]) for number in sorted(by_life)]

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
            offset = value["offset"]
            told_of = [life for life in lives if life.may_hold(partition, offset, value.get("sha256"))]
            for life in told_of:
                life.told[partition].add(offset)
            if told_of and all(offset in life.good[partition] for life in told_of):
                wrong.append(f'{key}: told as {value["reason"]}, but it can be counted')
            elif not told_of and all(life.knows(partition, offset) for life in lives):
                wrong.append(f"{key}: told with the digest of a message that never lay there")

    for life in lives:
        life.settle()
    left_out = 0
    for key, partition, first, last, reasons in ranges:
        left_out += sum(n for reason, n in reasons.items() if reason != NO_LOSS)
        found = [list(life.faults(key, partition, first, last, reasons)) for life in lives]
        for life, faults in zip(lives, found):
            if not faults:
                life.cover(partition, first, last)
        if all(found):
            wrong += found[-1]
    for life in lives:
        dropped = life.dropped()
        if dropped:
            wrong.append(f"{len(dropped)} of {sum(map(len, life.owed.values()))} messages that cannot be counted were dropped silently: {dropped[:10]}")
    return wrong, (f"note: {sum(len(offsets) for life in lives for offsets in life.told.values())} told, {left_out} left out in {len(ranges)} records, "
                   f"{sum(len(p.known) for life in lives for p in life.silent.values())} told nowhere by themselves")


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
