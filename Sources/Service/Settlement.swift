/// Things that are begun in order and end in any: how many have ended from the first on, without a gap.
struct Settlement {
    private(set) var begun = 0
    private(set) var settled = 0
    private var ahead: Set<Int> = []

    /// The place of a new one.
    mutating func begin() -> Int {
        begun += 1
        return begun - 1
    }

    mutating func end(_ place: Int) {
        ahead.insert(place)
        while ahead.remove(settled) != nil { settled += 1 }
    }
}
