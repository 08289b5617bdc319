import Intake

/// The parts of a register's copy, in the order in which they are copied. An entry names its profile by number and a profile its codes, and what is named is
/// never taken back: so what is named must be copied after what names it.
public enum RegisterPart: String, CaseIterable, Sendable {
    case entries, progress, items, acknowledgements, profiles, agencies, procedures, sectors, criteria, itemCodes = "item_codes"
}

/// How far a piecemeal copy of a register has come. It holds every subject that was there when it began, with its status of then or a later one; what has
/// happened since is put right by whoever takes in the same statuses again (law 1).
public struct RegisterCopy: Sendable {
    fileprivate var parts = RegisterPart.allCases[...]
    /// Of the present part.
    fileprivate var next = 0
    fileprivate let removals: Int

    fileprivate init(removals: Int) { self.removals = removals }

    public enum Step: Sendable {
        case bytes(RegisterPart, [UInt8])
        case whole
        /// Subjects have left since it began: one of them may have come back under another number and would stand in the copy twice. It is of no use any more.
        case overtaken
    }
}

extension Register {
    public mutating func startCopy() -> RegisterCopy { RegisterCopy(removals: removals) }

    /// How often subjects have left.
    @inline(__always)
    private var removals: Int { table.removals + progress.removals + items.table.removals + items.acknowledgements.removals }

    /// The next bytes of a copy: of at most so many entries (48 bytes each), items (80), profiles (32) or codes (16).
    public mutating func step(_ copy: inout RegisterCopy, atMost count: Int) -> RegisterCopy.Step {
        guard copy.removals == removals else { return .overtaken }
        while let part = copy.parts.first {
            // They may have become more since the last step.
            let end = self.count(of: part)
            if copy.next < end {
                let numbers = copy.next..<min(end, copy.next + max(1, count))
                copy.next = numbers.upperBound
                return .bytes(part, bytes(of: part, numbers))
            }
            copy.parts.removeFirst()
            copy.next = 0
        }
        return .whole
    }

    @inline(__always)
    private func count(of part: RegisterPart) -> Int {
        switch part {
        case .entries: table.numbers.count
        case .progress: progress.numbers.count
        case .items: items.table.numbers.count
        case .acknowledgements: items.acknowledgements.numbers.count
        case .profiles: profiles.count
        case .agencies: profiles.agencies.count
        case .procedures: profiles.procedures.count
        case .sectors: profiles.sectors.count
        case .criteria: items.criteria.count
        case .itemCodes: items.items.count
        }
    }

    @inline(__always)
    private func bytes(of part: RegisterPart, _ numbers: Range<Int>) -> [UInt8] {
        switch part {
        case .entries: table.bytes(of: numbers)
        case .progress: progress.bytes(of: numbers)
        case .items: items.table.bytes(of: numbers)
        case .acknowledgements: items.acknowledgements.bytes(of: numbers)
        case .profiles: Raw.bytes(of: profiles.stored(numbers)[...])
        case .agencies: Raw.bytes(of: profiles.agencies.keys[numbers])
        case .procedures: Raw.bytes(of: profiles.procedures.keys[numbers])
        case .sectors: Raw.bytes(of: profiles.sectors.keys[numbers])
        case .criteria: Raw.bytes(of: items.criteria.keys[numbers])
        case .itemCodes: Raw.bytes(of: items.items.keys[numbers])
        }
    }
}
