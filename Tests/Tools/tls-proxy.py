#!/usr/bin/env python3
"""TLS before a plain Kafka broker on this machine, for tests: what it decrypts it passes on. A broker tells clients its own address in the answers to Metadata
and FindCoordinator; there its port is replaced by the proxy's, so that every connection comes this way. Nothing else is changed.
usage: tls-proxy.py BROKER_PORT CERTIFICATE KEY [CLIENT_CA]     prints 127.0.0.1:PORT; with CLIENT_CA clients need a certificate of it"""
import select, socket, ssl, struct, sys, threading

from frames import Frames

HOST = "127.0.0.1"
ADDRESSED = (3, 10)   # Metadata, FindCoordinator


def passed_on(client, broker, old, new):
    """Returns when one side has ended."""
    requests, answers, addressed = Frames(client), Frames(broker), set()
    while True:
        # What TLS has decrypted already, select does not see.
        ready = [client] if client.pending() else select.select([client, broker], [], [])[0]
        if client in ready:
            frames = requests.arrived()
            if frames is None:
                return
            for frame in frames:
                kind, _, correlation = struct.unpack(">hhi", frame[:8])
                if kind in ADDRESSED:
                    addressed.add(correlation)
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
                client.sendall(struct.pack(">i", len(frame)) + frame)


def serve(connection, context, broker_port, own_port):
    old, new = (HOST.encode() + struct.pack(">i", port) for port in (broker_port, own_port))
    try:
        with connection, context.wrap_socket(connection, server_side=True) as client, socket.create_connection((HOST, broker_port)) as broker:
            passed_on(client, broker, old, new)
    except OSError as error:   # TLS errors are of this kind, too
        print(f"tls-proxy: {error}", file=sys.stderr, flush=True)


def main(broker_port, certificate, key, client_ca=None):
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    context.load_cert_chain(certificate, key)
    if client_ca:
        context.load_verify_locations(client_ca)
        context.verify_mode = ssl.CERT_REQUIRED
    with socket.create_server((HOST, 0), backlog=64) as listener:
        own_port = listener.getsockname()[1]
        print(f"{HOST}:{own_port}", flush=True)
        while True:
            connection, _ = listener.accept()
            threading.Thread(target=serve, args=(connection, context, int(broker_port), own_port), daemon=True).start()


main(*sys.argv[1:])
