"""What a Kafka connection carries, for the proxies beside this file."""
import struct


class Frames:
    """The frames of one direction: four bytes of length, then so many."""

    def __init__(self, source):
        self.source, self.bytes = source, b""

    def arrived(self):
        """Those that are complete after one read; None at the end."""
        more = self.source.recv(1 << 16)
        if not more:
            return None
        self.bytes += more
        frames = []
        while len(self.bytes) >= 4 and len(self.bytes) >= 4 + (size := struct.unpack(">i", self.bytes[:4])[0]):
            frames.append(self.bytes[4:4 + size])
            self.bytes = self.bytes[4 + size:]
        return frames
