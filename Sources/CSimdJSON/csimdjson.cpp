#include "csimdjson.h"

#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>
#include <string>

using namespace simdjson;

// Names are compared as two words of eight bytes, so a longer one than 16 bytes takes the slow way.
struct csj_names {
    struct name {
        std::string text;
        uint64_t head, tail;
    };

    // By a hash of length, first and last byte: the place of a name plus 1, or 0; linear probing. At least half of it stays empty.
    uint8_t slots[128] = {};
    name names[64];

    static size_t home(const char *text, size_t length) {
        return (length * 11 + static_cast<uint8_t>(text[0]) * 5 + static_cast<uint8_t>(text[length - 1])) % sizeof(slots);
    }

    // The first and the last eight bytes, overlapping; of less than eight: those, and zeros. Eight bytes must be readable.
    static inline void words(const char *text, size_t length, uint64_t &head, uint64_t &tail) {
        std::memcpy(&head, text, 8);
        if (length < 8) {
            head &= (uint64_t(1) << (length * 8)) - 1;
            tail = 0;
        } else {
            std::memcpy(&tail, text + length - 8, 8);
        }
    }

    // The place of a name plus 1; 0: not wanted. Eight bytes of `text` must be readable, whatever its length.
    inline size_t find(const char *text, size_t length) const {
        if (length == 0) return 0;
        size_t slot = home(text, length);
        if (slots[slot] == 0) return 0;
        uint64_t head, tail;
        words(text, length, head, tail);
        for (; slots[slot] != 0; slot = (slot + 1) % sizeof(slots)) {
            const name &known = names[slots[slot] - 1];
            if (known.text.size() != length || known.head != head || known.tail != tail) continue;
            if (length <= 16 || std::memcmp(known.text.data(), text, length) == 0) break;
        }
        return slots[slot];
    }
};

struct csj_parser {
    dom::parser parser;
    std::unique_ptr<uint8_t[]> buffer;   // the document, with simdjson's padding behind it
    size_t capacity = 0;
};

namespace {

// simdjson's references are two machine words; they travel through C as such.
template <typename T> void store(uint64_t out[2], const T &value) {
    static_assert(sizeof(T) == 2 * sizeof(uint64_t) && std::is_trivially_copyable<T>::value, "simdjson's reference changed its form");
    std::memcpy(out, &value, sizeof(T));
}

template <typename T> T load(const uint64_t in[2]) {
    alignas(T) unsigned char raw[sizeof(T)];
    std::memcpy(raw, in, sizeof(T));
    return *reinterpret_cast<const T *>(raw);
}

inline void describe(dom::element element, csj_value &out) {
    switch (element.type()) {
        case dom::element_type::STRING: {
            std::string_view text = element.get_string().value_unsafe();
            out.kind = CSJ_STRING;
            out.string = {text.data(), text.size()};
            break;
        }
        case dom::element_type::INT64:
            out.kind = CSJ_INTEGER;
            out.integer = element.get_int64().value_unsafe();
            break;
        case dom::element_type::UINT64:   // only what does not fit into int64_t
            out.kind = CSJ_NUMBER;
            out.number = static_cast<double>(element.get_uint64().value_unsafe());
            break;
        case dom::element_type::DOUBLE:
            out.kind = CSJ_NUMBER;
            out.number = element.get_double().value_unsafe();
            break;
        case dom::element_type::BOOL:
            out.kind = element.get_bool().value_unsafe() ? CSJ_TRUE : CSJ_FALSE;
            break;
        case dom::element_type::ARRAY:
            out.kind = CSJ_ARRAY;
            store(out.node, element);
            break;
        case dom::element_type::OBJECT:
            out.kind = CSJ_OBJECT;
            store(out.node, element);
            break;
        default: out.kind = CSJ_NULL; break;
    }
}

inline bool digit(uint8_t c) { return c >= '0' && c <= '9'; }

// The end of the JSON number that starts at `at`, or 0 if none does; `wide` when it may exceed a machine number.
size_t number_end(const uint8_t *text, size_t at, size_t length, bool &wide) {
    size_t i = at;
    if (i < length && text[i] == '-') i++;
    size_t digits = i;
    if (i >= length || !digit(text[i])) return 0;
    if (text[i] == '0') i++; else while (i < length && digit(text[i])) i++;
    wide = i - digits >= 19;
    if (i < length && text[i] == '.') {
        size_t fraction = ++i;
        while (i < length && digit(text[i])) i++;
        if (i == fraction) return 0;
    }
    if (i < length && (text[i] == 'e' || text[i] == 'E')) {
        i++;
        if (i < length && (text[i] == '+' || text[i] == '-')) i++;
        size_t exponent = i;
        while (i < length && digit(text[i])) i++;
        if (i == exponent) return 0;
        wide = true;
    }
    return i;
}

// simdjson refuses numbers beyond a machine number, JSON does not: they become 0.5, in place.
bool tame_wide_numbers(uint8_t *text, size_t length) {
    bool changed = false, in_string = false;
    for (size_t i = 0; i < length;) {
        uint8_t c = text[i];
        if (in_string) {
            if (c == '\\') i++;
            else if (c == '"') in_string = false;
            i++;
        } else if (c == '"') {
            in_string = true;
            i++;
        } else if (c == '-' || digit(c)) {
            bool wide = false;
            size_t end = number_end(text, i, length, wide);
            if (end == 0) return changed;   // not a number of JSON: the parser says so
            if (wide && end - i >= 3) {
                std::memcpy(text + i, "0.5", 3);
                std::memset(text + i + 3, ' ', end - i - 3);
                changed = true;
            }
            i = end;
        } else {
            i++;
        }
    }
    return changed;
}

}  // namespace

extern "C" {

csj_parser *csj_parser_new(size_t capacity) {
    auto *made = new (std::nothrow) csj_parser;
    if (!made) return nullptr;
    made->buffer.reset(new (std::nothrow) uint8_t[capacity + SIMDJSON_PADDING]);
    made->capacity = capacity;
    // As deep as the document can be: every level takes at least one byte. Untouched pages cost nothing.
    if (!made->buffer || made->parser.allocate(capacity < 64 ? 64 : capacity, capacity + 1)) {
        delete made;
        return nullptr;
    }
    return made;
}

void csj_parser_free(csj_parser *parser) { delete parser; }

csj_status csj_parse(csj_parser *parser, const uint8_t *bytes, size_t length, csj_value *root) {
    if (length > parser->capacity) return CSJ_NO_MEMORY;
    if (length == 0) return CSJ_NOT_JSON;
    uint8_t *text = parser->buffer.get();
    std::memcpy(text, bytes, length);
    std::memset(text + length, ' ', SIMDJSON_PADDING);
    dom::element element;
    error_code error = parser->parser.parse(text, length, false).get(element);
    if (error == NUMBER_ERROR && tame_wide_numbers(text, length)) error = parser->parser.parse(text, length, false).get(element);
    if (error == MEMALLOC) return CSJ_NO_MEMORY;
    if (error) return validate_utf8(reinterpret_cast<const char *>(bytes), length) ? CSJ_NOT_JSON : CSJ_NOT_UTF8;
    describe(element, *root);
    return CSJ_OK;
}

csj_names *csj_names_new(const csj_text *names, size_t count) {
    auto *made = count <= 64 ? new (std::nothrow) csj_names : nullptr;
    if (!made) return nullptr;
    for (size_t i = 0; i < count; i++) {
        auto &name = made->names[i];
        name.text.assign(names[i].start, names[i].length);
        std::string padded = name.text + std::string(8, '\0');
        csj_names::words(padded.data(), name.text.size(), name.head, name.tail);
        size_t slot = csj_names::home(names[i].start, names[i].length);
        while (made->slots[slot] != 0) slot = (slot + 1) % sizeof(made->slots);
        made->slots[slot] = static_cast<uint8_t>(i + 1);
    }
    return made;
}

void csj_names_free(csj_names *names) { delete names; }

void csj_select(const csj_value *object, const csj_names *names, csj_value *out, csj_selection *selection) {
    uint64_t found = 0, repeated = 0;
    if (object->kind == CSJ_OBJECT) {
        for (auto field : load<dom::element>(object->node).get_object().value_unsafe()) {
            // simdjson keeps strings in a buffer with room behind the last.
            size_t place = names->find(field.key.data(), field.key.size());
            if (place == 0) continue;
            uint64_t bit = uint64_t(1) << (place - 1);
            repeated |= found & bit;
            found |= bit;
            describe(field.value, out[place - 1]);
        }
    }
    *selection = {found, repeated};
}

bool csj_find(const csj_value *object, const char *name, size_t length, csj_value *out) {
    if (object->kind != CSJ_OBJECT) return false;
    for (auto field : load<dom::element>(object->node).get_object().value_unsafe()) {
        if (field.key != std::string_view(name, length)) continue;
        describe(field.value, *out);
        return true;
    }
    return false;
}

}
