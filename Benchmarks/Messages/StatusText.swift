import Catalog

/// Writes statuses as CloudEvents of about 450 bytes, one after another, into memory that it is given.
package struct StatusText {
    /// Which of a dossier's statuses.
    package enum Step: Int {
        case accepted, processing, finished
    }

    private let memory: UnsafeMutableRawBufferPointer
    private(set) var count = 0
    private let agencies: [[UInt8]]
    private let procedures: [[UInt8]]

    /// The longest status, in bytes.
    static let longest = 640

    /// `Life.agency` is an index into `agencies`.
    init(agencies: [String], into memory: UnsafeMutableRawBufferPointer) {
        self.memory = memory
        self.agencies = agencies.map { Array($0.utf8) }
        procedures = (0..<Province.procedures).map { Array("\(1 + $0 % 2).00\(4_000 + $0 * 7).000.00.00.H21".utf8) }
    }

    mutating func rewind() { count = 0 }

    /// Appends one status. `time` is the message's, `due` nil that of the dossier.
    mutating func write(_ life: Province.Life, _ step: Step, time: Int64, due: Int64? = nil) {
        let agency = agencies[life.agency]
        put(#"{"specversion":"1.0","id":""#)
        putUUID(life.seed, UInt64(bitPattern: time) &* 4 &+ UInt64(step.rawValue))
        put(#"","source":"urn:gia-lai:mot-cua:"#)
        put(agency)
        put(#"","type":"vn.par.dossier.v1","subject":""#)
        putSubject(life, agency)
        put(#"","time":""#)
        put(time: time)
        put(#"","data":{"agency":""#)
        put(agency)
        put(#"","procedure":""#)
        put(procedures[life.procedure])
        switch step {
        case .accepted: put(#"","state":"accepted","received":""#)
        case .processing: put(#"","state":"processing","received":""#)
        case .finished: put(#"","state":"finished","received":""#)
        }
        put(time: life.received)
        put(#"","due":""#)
        put(time: due ?? life.due)
        if step == .finished {
            put(#"","finished":""#)
            put(time: time)
            put(life.returnedByPost ? #"","return":"post"# : #"","return":"counter"#)
            if life.apologised { put(#"","apologised":true,"filing":""#) } else { put(#"","filing":""#) }
        } else {
            put(#"","filing":""#)
        }
        switch life.filing {
        case 1: put(#"online","level":"#)
        case 2: put(#"post","level":"#)
        default: put(#"counter","level":"#)
        }
        put(digits: life.level, 1)
        switch life.procedure % 4 {
        case 0: put(#","sector":"Đất đai"}}"#)
        case 1: put(#","sector":"Hộ tịch"}}"#)
        case 2: put(#","sector":"Xây dựng"}}"#)
        default: put(#","sector":"Lao động"}}"#)
        }
    }

    /// `000.00.12.H21-210304-0001`
    private mutating func putSubject(_ life: Province.Life, _ agency: [UInt8]) {
        let (year, month, day) = life.day.civil
        put(agency)
        put("-")
        put(digits: year % 100, 2)
        put(digits: month, 2)
        put(digits: day, 2)
        put("-")
        put(digits: life.number, life.number < 10_000 ? 4 : 6)
    }

    private mutating func putUUID(_ seed: UInt64, _ stream: UInt64) {
        var dice = Dice(seed: seed, stream: stream)
        put(hex: dice.next(), 8)
        put("-")
        let middle = dice.next()
        put(hex: middle, 4)
        put("-4")
        put(hex: middle >> 16, 3)
        put("-a")
        put(hex: middle >> 28, 3)
        put("-")
        put(hex: dice.next(), 12)
    }

    /// `2021-09-13T09:02:11+07:00`
    private mutating func put(time: Int64) {
        let local = time + Province.timezoneOffset
        let (year, month, day) = LocalDay(number: Int32(local / 86_400)).civil
        let second = Int(local % 86_400)
        put(digits: year, 4)
        put("-")
        put(digits: month, 2)
        put("-")
        put(digits: day, 2)
        put("T")
        put(digits: second / 3_600, 2)
        put(":")
        put(digits: second / 60 % 60, 2)
        put(":")
        put(digits: second % 60, 2)
        put("+07:00")
    }

    private mutating func put(_ text: StaticString) {
        memory.baseAddress.map { ($0 + count).copyMemory(from: text.utf8Start, byteCount: text.utf8CodeUnitCount) }
        count += text.utf8CodeUnitCount
    }

    private mutating func put(_ bytes: [UInt8]) {
        let place = UnsafeMutableRawBufferPointer(rebasing: memory[count..<count + bytes.count])
        place.copyBytes(from: bytes)
        count += bytes.count
    }

    private mutating func put(digits number: Int, _ width: Int) {
        var rest = number
        for place in stride(from: width - 1, through: 0, by: -1) {
            memory[count + place] = UInt8(ascii: "0") + UInt8(rest % 10)
            rest /= 10
        }
        count += width
    }

    private mutating func put(hex number: UInt64, _ width: Int) {
        var rest = number
        for place in 0..<width {
            let nibble = UInt8(rest & 15)
            memory[count + place] = nibble < 10 ? UInt8(ascii: "0") + nibble : UInt8(ascii: "a") + nibble - 10
            rest >>= 4
        }
        count += width
    }
}
