package import Catalog
package import Engine
import Intake
import JSON
package import Kafka

/// What lies on the rejected topic, and what of it is to be copied back. Pure: records in, stretches of the inputs out.
package struct RedrivePlan {
    /// Which rejections are meant.
    package struct Selection: Sendable {
        /// The inputs of the configuration: nothing else is written to, whatever a record says.
        package var inputs: Set<String>
        /// Nil: all inputs.
        package var topic: String?
        /// Empty: all.
        package var reasons: Set<String> = []
        /// Rejected at this instant or later; nil: whenever.
        package var since: Instant?
        /// Of more offsets no left out range is copied.
        package var largestRange: Int64

        package init(inputs: Set<String>, topic: String? = nil, reasons: Set<String> = [], since: Instant? = nil, largestRange: Int64) {
            self.inputs = inputs
            self.topic = topic
            self.reasons = reasons
            self.since = since
            self.largestRange = largestRange
        }
    }

    /// Why a rejection is not redriven, apart from not being selected.
    package enum Skip: String, Sendable, CaseIterable {
        /// No cause can be mended where there is nothing to count, and on a compacted input a copy would delete what has come since.
        case tombstone = "had no value"
        case otherTopic = "in a topic that is no input of this configuration"
        case unreadable = "not in the form of a rejection"
        case tooLong = "a range longer than --largest-range"
    }

    /// Where a record of the rejected topic lies: what sets it to a tombstone.
    package struct Place: Hashable, Sendable {
        package var partition: Int32
        package var key: String
    }

    /// Offsets that belong together because rejections overlap there: copied once, and only then are all these rejections done with.
    package struct Stretch: Sendable {
        package var offsets: ClosedRange<Int64>
        package var places: [Place]
        /// By offset, what the original must be; none for the others of a range.
        package var originals: [Int64: ToldRejection.Original]
        /// Whether it comes from a range of left out ones.
        package var isRange: Bool
    }

    private let selection: Selection
    private let reader: JSONReader
    private var told: [Place: ToldRejection] = [:]
    private var unreadable: Set<Place> = []

    /// Nil when there is no memory.
    package init?(_ selection: Selection) {
        guard let reader = JSONReader(capacity: 1 << 20) else { return nil }
        self.selection = selection
        self.reader = reader
    }

    /// A record of the rejected topic; the latest of each key counts. `value` nil: a tombstone, so done with.
    package mutating func read(partition: Int32, key: String, value: UnsafeRawBufferPointer?) {
        let place = Place(partition: partition, key: key)
        told[place] = nil
        unreadable.remove(place)
        guard let value else { return }
        guard let rejection = ToldRejection(key: key, json: value, reader: reader) else {
            unreadable.insert(place)
            return
        }
        if isSelected(rejection) { told[place] = rejection }
    }

    private func isSelected(_ rejection: ToldRejection) -> Bool {
        if let since = selection.since, rejection.time < since { return false }
        if let topic = selection.topic, rejection.topic != topic { return false }
        return selection.reasons.isEmpty || !selection.reasons.isDisjoint(with: rejection.reasons)
    }

    /// How many of the selected there are for each reason; a range counts under `left_out`.
    package var countsByReason: [(reason: String, count: Int)] {
        Dictionary(grouping: told.values) { $0.reasons.first ?? "" }.map { ($0.key, $0.value.count) }.sorted { $0.reason < $1.reason }
    }

    /// The stretches of each input partition, in order of their offsets, and how many rejections are skipped, by why.
    package func stretches() -> (byPartition: [TopicPartition: [Stretch]], skipped: [Skip: Int]) {
        var skipped: [Skip: Int] = unreadable.isEmpty ? [:] : [.unreadable: unreadable.count]
        var all: [TopicPartition: [(place: Place, rejection: ToldRejection)]] = [:]
        for (place, rejection) in told {
            if let skip = skip(rejection) {
                skipped[skip, default: 0] += 1
            } else {
                all[TopicPartition(topic: rejection.topic, partition: rejection.partition), default: []].append((place, rejection))
            }
        }
        return (all.mapValues(Self.merged), skipped)
    }

    private func skip(_ rejection: ToldRejection) -> Skip? {
        if !selection.inputs.contains(rejection.topic) { return .otherTopic }
        if rejection.reasons == [RejectionReason.tombstone.rawValue] { return .tombstone }
        let (length, isVast) = rejection.offsets.upperBound.subtractingReportingOverflow(rejection.offsets.lowerBound)
        return isVast || length >= selection.largestRange ? .tooLong : nil
    }

    private static func merged(_ rejections: [(place: Place, rejection: ToldRejection)]) -> [Stretch] {
        var stretches: [Stretch] = []
        for (place, rejection) in rejections.sorted(by: { ($0.rejection.offsets.lowerBound, $0.place.key) < ($1.rejection.offsets.lowerBound, $1.place.key) }) {
            if let last = stretches.last, rejection.offsets.lowerBound <= last.offsets.upperBound {
                stretches[stretches.count - 1].add(rejection, place)
            } else {
                var stretch = Stretch(offsets: rejection.offsets, places: [], originals: [:], isRange: false)
                stretch.add(rejection, place)
                stretches.append(stretch)
            }
        }
        return stretches
    }
}

extension RedrivePlan.Stretch {
    fileprivate mutating func add(_ rejection: ToldRejection, _ place: RedrivePlan.Place) {
        offsets = offsets.lowerBound...max(offsets.upperBound, rejection.offsets.upperBound)
        places.append(place)
        if let original = rejection.original { originals[rejection.offsets.lowerBound] = original } else { isRange = true }
    }
}
