import CRdKafka
import Glibc

/// What librdkafka thinks of properties; no broker is asked.
extension KafkaSettings {
    /// Why it would refuse this property alone; nil if it takes it.
    package static func fault(ofProperty name: String, _ value: String) -> String? {
        let configuration = Configuration()
        let (isTaken, reason) = withReason { (rd_kafka_conf_set(configuration.pointer, name, value, $0, $1) == RD_KAFKA_CONF_OK, oneLine(String(cString: $0))) }
        return isTaken ? nil : reason
    }

    /// Why no client would start with all of them together; nil if both kinds do. Nothing is connected to.
    package func faultTogether() -> KafkaError? {
        var alone = self
        alone.bootstrap = ""
        do throws(KafkaError) {
            _ = try Producer(settings: alone)
            _ = try Consumer(settings: alone, group: "parwatch-check")
            return nil
        } catch {
            return error
        }
    }

    /// The names of all properties, as librdkafka lists them.
    package static let propertyNames: [String] = {
        var start: UnsafeMutablePointer<CChar>?
        var size = 0
        guard let stream = open_memstream(&start, &size) else { return [] }
        rd_kafka_conf_properties_show(stream)
        fclose(stream)
        defer { free(start) }
        guard let start else { return [] }
        // A table: name | C or P or * | …
        return String(cString: start).split(separator: "\n").compactMap { line in
            let cells = line.split(separator: "|")
            guard cells.count > 3, let name = cells[0].split(separator: " ").first, name != "Property", !name.hasPrefix("-") else { return nil }
            return String(name)
        }
    }()
}
