import Catalog
import JSON

/// A record of the leader topic: somebody leads from now on, or no longer. Its offset is the term; its key is the `source`.
struct Claim {
    var source: String
    /// The process.
    var writer: String
    /// The daemon, through all its restarts.
    var instance: String
    /// What it judges by.
    var catalog: String
    /// It has ended as it was asked to: whoever starts next may judge by another catalog.
    var isResigned: Bool
    var time: Instant

    func json(in zone: Zone) -> [UInt8] {
        var writer = JSONWriter()
        writer.object {
            $0.string("source", source)
            $0.string("state", isResigned ? "resigned" : "leading")
            $0.string("writer", self.writer)
            $0.string("instance", instance)
            $0.string("catalog", catalog)
            $0.string("time", Timestamp.text(time, in: zone))
        }
        return writer.bytes
    }
}

extension Claim {
    /// Nil if it is none in form.
    init?(json bytes: UnsafeRawBufferPointer, reader: JSONReader) {
        guard let root = try? reader.parse(bytes), let source = root["source"]?.text, let state = root["state"]?.text, state == "leading" || state == "resigned",
              let writer = root["writer"]?.text, let instance = root["instance"]?.text, let catalog = root["catalog"]?.text, let time = root["time"]?.string.flatMap(Timestamp.parse)
        else { return nil }
        self.init(source: source, writer: writer, instance: instance, catalog: catalog, isResigned: state == "resigned", time: time)
    }
}
