/// What of the inputs may never have been counted, in words: the first few, and how many there are. It stays small, however often retention overtakes the daemon.
package struct Gaps: Sendable, Equatable {
    private var told: [String] = []
    package private(set) var count = 0

    private static let most = 8
    private static let separator = "; ", more = ("and ", " more")

    package init(_ gaps: [String] = []) { for gap in gaps { add(gap) } }

    package var isEmpty: Bool { count == 0 }

    /// The same gap counts once, as long as it is among those told.
    package mutating func add(_ gap: String) {
        guard !told.contains(gap) else { return }
        count += 1
        if told.count < Self.most { told.append(gap) }
    }

    /// In one line; nil where there is none.
    package var text: String? {
        if isEmpty { return nil }
        let rest = count - told.count
        return (told + (rest > 0 ? ["\(Self.more.0)\(rest)\(Self.more.1)"] : [])).joined(separator: Self.separator)
    }

    /// As a snapshot keeps them: what `text` makes.
    package init(text: String) {
        for gap in text.split(separator: Self.separator).map(String.init) {
            if gap.hasPrefix(Self.more.0), gap.hasSuffix(Self.more.1), let rest = Int(gap.dropFirst(Self.more.0.count).dropLast(Self.more.1.count)), rest > 0 {
                count = max(count, count &+ rest)
            } else {
                add(gap)
            }
        }
    }
}
