// CRC-32C (Castagnoli; RFC 3720, appendix B.4) over more bytes: `crc` is that of the bytes before them, 0 where there are none.
#ifndef CCRC32C_H
#define CCRC32C_H

#include <stddef.h>
#include <stdint.h>
#include <string.h>

static inline uint32_t crc32c_portable(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = (const uint8_t *)bytes;
    crc = ~crc;
    for (; count > 0; count--, at++) {
        crc ^= *at;
        for (int bit = 0; bit < 8; bit++) crc = (crc >> 1) ^ (0x82F63B78u & (0u - (crc & 1u)));
    }
    return ~crc;
}

#if defined(__x86_64__)
__attribute__((target("sse4.2"))) static inline uint32_t crc32c_by_processor(uint32_t crc, const void *bytes, size_t count) {
    const uint8_t *at = (const uint8_t *)bytes;
    uint64_t sum = (uint32_t)~crc;
    for (; count >= 8; count -= 8, at += 8) {
        uint64_t word;
        memcpy(&word, at, 8);
        sum = __builtin_ia32_crc32di(sum, word);
    }
    for (; count > 0; count--, at++) sum = __builtin_ia32_crc32qi((uint32_t)sum, *at);
    return ~(uint32_t)sum;
}
#endif

// By the instruction that processors have for it, where this one does.
static inline uint32_t crc32c(uint32_t crc, const void *bytes, size_t count) {
#if defined(__x86_64__)
    if (__builtin_cpu_supports("sse4.2")) return crc32c_by_processor(crc, bytes, count);
#endif
    return crc32c_portable(crc, bytes, count);
}

#endif
