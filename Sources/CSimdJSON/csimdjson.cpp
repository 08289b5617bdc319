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

    // The place of a name plus 1; 0: not wanted. Eight bytes of `text` must be readable, whatever its length: simdjson's buffer of strings has room behind the last.
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

// The parsed document is simdjson's tape: a word for each value, its kind in the topmost byte, as simdjson documents it (doc/tape.md).
struct tape {
    const csj_parser *parser;
    const uint64_t *words;
    const uint8_t *strings;

    explicit tape(const csj_parser *parser) : parser(parser), words(parser->parser.doc.tape.get()), strings(parser->parser.doc.string_buf.get()) {}

    static uint64_t payload(uint64_t word) { return word & 0x00ffffffffffffff; }

    // A string: its length in four bytes, its text, a zero byte.
    csj_text text(size_t at) const {
        const uint8_t *start = strings + payload(words[at]);
        uint32_t length;
        std::memcpy(&length, start, sizeof length);
        return {reinterpret_cast<const char *>(start) + sizeof length, length};
    }

    // Where the value at `at` ends. Objects and arrays say where; numbers take two words.
    size_t after(size_t at) const {
        switch (words[at] >> 56) {
            case '{': case '[': return static_cast<uint32_t>(words[at]);
            case 'l': case 'u': case 'd': return at + 2;
            default: return at + 1;
        }
    }

    void describe(size_t at, csj_value &out) const {
        switch (words[at] >> 56) {
            case '"':
                out.kind = CSJ_STRING;
                out.string = text(at);
                break;
            case 'l':
                out.kind = CSJ_INTEGER;
                std::memcpy(&out.integer, &words[at + 1], sizeof out.integer);
                break;
            case 'u':   // only what does not fit into int64_t
                out.kind = CSJ_NUMBER;
                out.number = static_cast<double>(words[at + 1]);
                break;
            case 'd':
                out.kind = CSJ_NUMBER;
                std::memcpy(&out.number, &words[at + 1], sizeof out.number);
                break;
            case 't': out.kind = CSJ_TRUE; break;
            case 'f': out.kind = CSJ_FALSE; break;
            case '[': case '{':
                out.kind = words[at] >> 56 == '[' ? CSJ_ARRAY : CSJ_OBJECT;
                out.object = {parser, at};
                break;
            default: out.kind = CSJ_NULL; break;
        }
    }

    // Calls `body` with the name and the place of every field of the object at `at`, until it says false.
    template <typename Body> void fields(size_t at, Body body) const {
        const size_t end = static_cast<uint32_t>(words[at]) - 1;
        for (size_t name = at + 1; name < end; name = after(name + 1)) {
            if (!body(text(name), name + 1)) return;
        }
    }
};

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

// simdjson refuses numbers beyond a machine number, JSON does not: they become 9e9, in place, which no reader takes for a number of ours.
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
                std::memcpy(text + i, "9e9", 3);
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
    error_code error = parser->parser.parse(text, length, false).error();
    if (error == NUMBER_ERROR && tame_wide_numbers(text, length)) error = parser->parser.parse(text, length, false).error();
    if (error == MEMALLOC) return CSJ_NO_MEMORY;
    if (error) return validate_utf8(reinterpret_cast<const char *>(bytes), length) ? CSJ_NOT_JSON : CSJ_NOT_UTF8;
    tape(parser).describe(1, *root);   // behind the word that stands for the document
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
        const tape tape(object->object.parser);
        tape.fields(object->object.place, [&](csj_text name, size_t value) {
            if (size_t place = names->find(name.start, name.length)) {
                uint64_t bit = uint64_t(1) << (place - 1);
                repeated |= found & bit;
                found |= bit;
                tape.describe(value, out[place - 1]);
            }
            return true;
        });
    }
    *selection = {found, repeated};
}

size_t csj_elements(const csj_value *array, csj_value *out, size_t most) {
    size_t count = 0;
    if (array->kind == CSJ_ARRAY) {
        const tape tape(array->object.parser);
        const size_t end = static_cast<uint32_t>(tape.words[array->object.place]) - 1;
        for (size_t at = array->object.place + 1; at < end && count < most; at = tape.after(at)) tape.describe(at, out[count++]);
    }
    return count;
}

bool csj_find(const csj_value *object, const char *name, size_t length, csj_value *out) {
    bool found = false;
    if (object->kind == CSJ_OBJECT) {
        const tape tape(object->object.parser);
        tape.fields(object->object.place, [&](csj_text text, size_t value) {
            found = text.length == length && std::memcmp(text.start, name, length) == 0;
            if (found) tape.describe(value, *out);
            return !found;
        });
    }
    return found;
}

}
