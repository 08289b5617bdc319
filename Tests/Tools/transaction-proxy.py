#!/usr/bin/env python3
"""A transaction that is open, as clients of a Kafka broker see it, for tests: the embedded broker knows none. Whoever asks where a partition ends, records of open
transactions included, is told of some more than there are; whoever asks for what has been committed hears the truth, as the fetches tell it. SIGUSR1 ends the
transaction: it was aborted, and nothing comes of it. A broker tells clients its own address in the answers to Metadata and FindCoordinator; there its port is replaced
by the proxy's, so that every connection comes this way.
usage: transaction-proxy.py BROKER_PORT TOPIC     prints 127.0.0.1:PORT"""
import select, signal, socket, struct, sys, threading

from frames import Frames

HOST = "127.0.0.1"
LIST_OFFSETS, ADDRESSED = 2, (3, 10)   # Metadata, FindCoordinator
UNCOMMITTED = 0
open_records = 5


def end(*_):
    global open_records
    open_records = 0


def asks_for_all(frame):
    """Whether a ListOffsets request, of version 2 or 3, wants open transactions to count."""
    _, version, _, length = struct.unpack(">hhih", frame[:10])
    assert version in (2, 3), f"ListOffsets version {version}"
    return frame[10 + max(0, length) + 4] == UNCOMMITTED   # behind the replica's id


def with_open(frame, topic):
    """The answer to it, with more records at the ends."""
    answer, at = bytearray(frame), 8   # behind correlation and throttling
    def number(form, size):
        nonlocal at
        (value,) = struct.unpack(form, answer[at:at + size])
        at += size
        return value
    for _ in range(number(">i", 4)):
        length = number(">h", 2)
        name = bytes(answer[at:at + length]).decode()
        at += length
        for _ in range(number(">i", 4)):
            at += 14   # partition, error, timestamp
            if name == topic:
                answer[at:at + 8] = struct.pack(">q", struct.unpack(">q", answer[at:at + 8])[0] + open_records)
            at += 8
    return bytes(answer)


def passed_on(client, broker, old, new, topic):
    """Returns when one side has ended."""
    requests, answers, addressed, all_asked = Frames(client), Frames(broker), set(), set()
    while True:
        ready = select.select([client, broker], [], [])[0]
        if client in ready:
            frames = requests.arrived()
            if frames is None:
                return
            for frame in frames:
                kind, _, correlation = struct.unpack(">hhi", frame[:8])
                if kind in ADDRESSED:
                    addressed.add(correlation)
                if kind == LIST_OFFSETS and asks_for_all(frame):
                    all_asked.add(correlation)
                broker.sendall(struct.pack(">i", len(frame)) + frame)
        if broker in ready:
            frames = answers.arrived()
            if frames is None:
                return
            for frame in frames:
                (correlation,) = struct.unpack(">i", frame[:4])
                if correlation in addressed:
                    addressed.remove(correlation)
                    frame = frame.replace(old, new)
                if correlation in all_asked:
                    all_asked.remove(correlation)
                    frame = with_open(frame, topic)
                client.sendall(struct.pack(">i", len(frame)) + frame)


def serve(client, broker_port, own_port, topic):
    # Python hears a signal where its main thread is interrupted by it.
    signal.pthread_sigmask(signal.SIG_BLOCK, [signal.SIGUSR1])
    old, new = (HOST.encode() + struct.pack(">i", port) for port in (broker_port, own_port))
    try:
        with client, socket.create_connection((HOST, broker_port)) as broker:
            passed_on(client, broker, old, new, topic)
    except OSError as error:
        print(f"transaction-proxy: {error}", file=sys.stderr, flush=True)


def main(broker_port, topic):
    signal.signal(signal.SIGUSR1, end)
    # Whoever started this process may have left it blocked.
    signal.pthread_sigmask(signal.SIG_UNBLOCK, [signal.SIGUSR1])
    with socket.create_server((HOST, 0), backlog=64) as listener:
        own_port = listener.getsockname()[1]
        print(f"{HOST}:{own_port}", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, int(broker_port), own_port, topic), daemon=True).start()


main(*sys.argv[1:])
