import CCRC32C
import Cases
import Testing

@Suite struct Checksums {
    @Test func `the checksum is CRC-32C, as RFC 3720 has it, with the processor's instruction and without`() {
        func both(_ bytes: [UInt8]) -> [UInt32] { bytes.withUnsafeBytes { [crc32c(0, $0.baseAddress, $0.count), crc32c_portable(0, $0.baseAddress, $0.count)] } }
        #expect(both(Array("123456789".utf8)) == [0xE306_9283, 0xE306_9283])
        // Appendix B.4: its bytes are in the order of the wire.
        #expect(both([UInt8](repeating: 0, count: 32)) == [0x8A91_36AA, 0x8A91_36AA])
        #expect(both([UInt8](repeating: 0xFF, count: 32)) == [0x62A8_AB43, 0x62A8_AB43])
        #expect(both(Array(0..<32)) == [0x46DD_794E, 0x46DD_794E])
        var dice = Seeded(Oracle.seed("checksum"))
        for length in 0..<100 {
            let bytes = (0..<length).map { _ in UInt8(truncatingIfNeeded: dice.next()) }, cut = dice.int(0...length)
            let whole = both(bytes)
            #expect(whole[0] == whole[1])
            let parts = bytes.withUnsafeBytes { all in crc32c(crc32c(0, all.baseAddress, cut), all.baseAddress.map { $0 + cut }, length - cut) }
            #expect(parts == whole[0])
        }
    }
}
