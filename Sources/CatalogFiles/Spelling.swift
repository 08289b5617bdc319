/// Finds the word that was probably meant.
package enum Spelling {
    /// `did you mean 'x'?`, or what is known where nothing is near; of much that is known the first few.
    package static func hint(for word: String, among known: [String]) -> String {
        if let near = nearest(to: word, among: known) { return "did you mean '\(near)'?" }
        if known.isEmpty { return "there is none" }
        return "known are \(known.prefix(12).joined(separator: ", "))\(known.count > 12 ? ", …" : "")"
    }

    package static func nearest(to word: String, among known: [String]) -> String? {
        let letters = Array(word.unicodeScalars), most = max(letters.count > 3 ? 2 : 1, letters.count / 3)
        var near: (word: String, distance: Int)?
        // There may be 11,000 agencies: most are told by their length.
        for candidate in known where abs(candidate.unicodeScalars.count - letters.count) < near?.distance ?? most + 1 {
            let distance = distance(letters, Array(candidate.unicodeScalars))
            if distance < near?.distance ?? most + 1 { near = (candidate, distance) }
        }
        return near?.word
    }

    /// Edits (insert, delete, replace) from one word to the other.
    private static func distance(_ a: [Unicode.Scalar], _ b: [Unicode.Scalar]) -> Int {
        var row = Array(0...b.count)
        for (i, x) in a.enumerated() {
            var diagonal = row[0]
            row[0] = i + 1
            for (j, y) in b.enumerated() {
                let next = min(row[j] + 1, row[j + 1] + 1, diagonal + (x == y ? 0 : 1))
                diagonal = row[j + 1]
                row[j + 1] = next
            }
        }
        return row[b.count]
    }
}
