import CPrefetch
import Catalog
public import Intake
import Register
public import Scoreboard

extension Engine {
    /// A record of an input topic.
    public struct Record {
        public var message: Intake.Message
        public var position: Cause

        public init(_ message: Intake.Message, at position: Cause) {
            self.message = message
            self.position = position
        }
    }
}

/// A few records, and what the intake made of them. Records are taken in by groups because memory answers late: it is asked for all that a group
/// will need before any of it is used.
struct Group: ~Copyable {
    static let size = 16

    private let records: UnsafeMutablePointer<Engine.Record>
    private var count = 0
    /// By record, unless it has a fault. A status is large, so it lies where it was read until it is accepted.
    private let statuses: UnsafeMutablePointer<DossierStatus>
    private let faults: UnsafeMutableBufferPointer<Rejection?>
    /// By record, where it is not one dossier's.
    private let others: UnsafeMutableBufferPointer<Other?>
    /// By record, unless it has a fault or is a bundle.
    private let sources: UnsafeMutablePointer<SourceBook.Number>

    enum Other {
        case status(OtherStatus)
        /// Of another format, and not read yet: it may hold many statuses.
        case bundle
    }

    /// The places of what was read.
    var places: Range<Int> { 0..<count }

    init() {
        records = .allocate(capacity: Self.size)
        statuses = .allocate(capacity: Self.size)
        faults = .allocate(capacity: Self.size)
        faults.initialize(repeating: nil)
        others = .allocate(capacity: Self.size)
        others.initialize(repeating: nil)
        sources = .allocate(capacity: Self.size)
        sources.initialize(repeating: SourceBook.nameless, count: Self.size)
    }

    deinit {
        records.deinitialize(count: count)
        records.deallocate()
        statuses.deallocate()
        faults.deinitialize()
        faults.deallocate()
        others.deinitialize()
        others.deallocate()
        sources.deallocate()
    }

    /// At most `size` records. `bundles`: which inputs are of another format than CloudEvents; empty: none.
    mutating func read(
        _ numbers: Range<Int>, _ record: (Int) -> Engine.Record, by intake: Intake, for register: borrowing Register, of book: inout SourceBook, bundles: [Bool]
    ) {
        records.deinitialize(count: count)
        count = numbers.count
        for place in places {
            (records + place).initialize(to: record(numbers.lowerBound + place))
            records[place].message.fetch()
        }
        for place in places {
            if !bundles.isEmpty, bundles[Int(records[place].position.topic)] {
                others[place] = .bundle
                continue
            }
            read(records[place].message, by: intake, of: &book, at: place)
            if let (subject, profile) = keys(at: place) { register.fetchPlaces(of: subject, profile) }
        }
        for place in places {
            if let (subject, profile) = keys(at: place) { register.fetchEntries(of: subject, profile) }
        }
    }

    @inline(__always)
    func position(at place: Int) -> Cause { records[place].position }

    /// Valid until the next records are read.
    func message(at place: Int) -> Intake.Message { records[place].message }

    /// Nil: it is a dossier's, or has a fault.
    @inline(__always)
    func other(at place: Int) -> Other? { others[place] }

    /// Of a status.
    @inline(__always)
    func source(at place: Int) -> SourceBook.Number { sources[place] }

    @inline(__always)
    func status(at place: Int) throws(Rejection) -> DossierStatus {
        if let fault = faults[place] { throw fault }
        return statuses[place]
    }

    @inline(__always)
    private func read(_ message: borrowing Intake.Message, by intake: Intake, of book: inout SourceBook, at place: Int) {
        do throws(Rejection) {
            if others[place] != nil { others[place] = nil }
            let event = try intake.event(message)
            sources[place] = book.number(of: event.source)
            if event.type == .dossier {
                // It holds no references, so one may be written over the other.
                (statuses + place).initialize(to: try intake.dossier(event))
            } else {
                others[place] = .status(try intake.other(event))
            }
            if faults[place] != nil { faults[place] = nil }
        } catch {
            faults[place] = error
            sources[place] = SourceBook.nameless
        }
    }

    /// What the register will look for; nil for what was rejected, and for what is not as frequent as dossiers.
    @inline(__always)
    private func keys(at place: Int) -> (subject: CodeKey, profile: CodeKey?)? {
        faults[place] == nil && others[place] == nil ? (statuses[place].subject, statuses[place].content?.profile) : nil
    }
}

extension Intake.Message {
    /// Has the beginning of the payload fetched, as much as most have.
    fileprivate func fetch() {
        guard let value, let base = value.baseAddress else { return }
        for offset in stride(from: 0, to: min(value.count, 512), by: 64) { cprefetch(base + offset) }
    }
}
