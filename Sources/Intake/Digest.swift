import CLibcrypto

/// SHA-256, which stands for a payload where its bytes must not.
public enum Digest {
    /// 64 hexadecimal digits.
    public static func sha256(_ bytes: UnsafeRawBufferPointer) -> String {
        withUnsafeTemporaryAllocation(of: UInt8.self, capacity: Int(SHA256_DIGEST_LENGTH)) { digest in
            _ = SHA256(bytes.baseAddress?.assumingMemoryBound(to: UInt8.self), bytes.count, digest.baseAddress)
            return digest.reduce(into: "") { text, byte in
                for half in [byte >> 4, byte & 15] { text.unicodeScalars.append(Unicode.Scalar(half < 10 ? 48 + half : 87 + half)) }
            }
        }
    }
}
