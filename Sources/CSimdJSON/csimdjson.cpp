#include "csimdjson.h"

#include <charconv>
#include <cstring>
#include <memory>
#include <new>
#include <simdjson.h>
#include <string>

using namespace simdjson;

// Names are found by their first eight bytes and compared as two words, so a longer one than 16 bytes takes the slow way.
struct csj_names {
    // The first and the last eight bytes, overlapping; a shorter name is followed by zeros, and one of at most eight bytes has no tail.
    struct words {
        uint64_t head, tail;

        // Eight bytes of `name` must be readable, whatever its length: behind every string stands at least the padding.
        explicit words(csj_text name) : head(0), tail(0) {
            std::memcpy(&head, name.start, 8);
            if (name.length < 8) head &= (uint64_t(1) << (name.length * 8)) - 1;
            if (name.length > 8) std::memcpy(&tail, name.start + name.length - 8, 8);
        }
    };

    struct slot {
        uint64_t head = 0, tail = 0;
        uint32_t length = 0;
        uint32_t place = 0;   // the name's place plus 1; 0: nothing here
    };

    // Open addressing with linear probing; at least half of it stays empty.
    slot slots[128];
    std::string texts[64];

    static size_t home(const words &name) { return (name.head * 0x9e3779b97f4a7c15) >> 57; }
    static size_t after(size_t at) { return (at + 1) % 128; }

    // The place of a name plus 1; 0: not wanted.
    inline size_t find(csj_text name) const {
        const words wanted(name);
        for (size_t at = home(wanted);; at = after(at)) {
            const slot &known = slots[at];
            if (known.place == 0) return 0;
            if (known.head != wanted.head || known.length != name.length || known.tail != wanted.tail) continue;
            if (name.length <= 16 || std::memcmp(texts[known.place - 1].data(), name.start, name.length) == 0) return known.place;
        }
    }
};

struct csj_parser {
    std::unique_ptr<internal::dom_parser_implementation> indexer;   // simdjson's first stage
    std::unique_ptr<uint8_t[]> buffer;                              // the document, with simdjson's padding behind it
    std::unique_ptr<uint8_t[]> unescaped;                           // strings that had escapes in them, up to `unescaped_end`
    uint8_t *unescaped_end = nullptr;
    std::unique_ptr<csj_value[]> values;                            // the document's names and values, as they stand in it
    size_t capacity = 0;
};

namespace {

inline bool digit(uint8_t c) { return c >= '0' && c <= '9'; }
inline bool space(uint8_t c) { return c == ' ' || c == '\n' || c == '\r' || c == '\t'; }

// Whether a scalar that is no string ends where it should: what else belongs to it would have no place of its own.
inline bool ends(const uint8_t *at, const uint8_t *next) { return at == next || space(*at); }

__attribute__((noinline)) bool read_literal(const uint8_t *at, const uint8_t *next, csj_value *out) {
    if (std::memcmp(at, "true", 4) == 0 && ends(at + 4, next)) out->kind = CSJ_TRUE;
    else if (std::memcmp(at, "false", 5) == 0 && ends(at + 5, next)) out->kind = CSJ_FALSE;
    else if (std::memcmp(at, "null", 4) == 0 && ends(at + 4, next)) out->kind = CSJ_NULL;
    else return false;
    return true;
}

__attribute__((noinline)) bool read_number(const uint8_t *at, const uint8_t *next, csj_value *out) {
    const uint8_t *const start = at;
    const bool negative = *at == '-';
    if (negative) at++;
    const uint8_t *const first = at;
    if (!digit(*at)) return false;
    uint64_t amount = 0;
    do amount = amount * 10 + (*at++ - '0'); while (digit(*at));
    const size_t digits = at - first;
    if (*first == '0' && digits > 1) return false;
    bool is_integer = digits < 19 || (digits == 19 && amount <= static_cast<uint64_t>(INT64_MAX) + negative);
    if (*at == '.') {
        is_integer = false;
        if (!digit(*++at)) return false;
        while (digit(*at)) at++;
    }
    if (*at == 'e' || *at == 'E') {
        is_integer = false;
        at++;
        if (*at == '+' || *at == '-') at++;
        if (!digit(*at)) return false;
        while (digit(*at)) at++;
    }
    if (!ends(at, next)) return false;
    if (is_integer) {
        out->kind = CSJ_INTEGER;
        out->integer = static_cast<int64_t>(negative ? 0 - amount : amount);
    } else {
        out->kind = CSJ_NUMBER;
        const auto text = reinterpret_cast<const char *>(start), end = reinterpret_cast<const char *>(at);
        if (std::from_chars(text, end, out->number).ec != std::errc()) out->number = 9e9;   // no reader takes it for a number of ours
    }
    return true;
}

// The string that starts in front of `start`; without a start if its escapes are wrong.
__attribute__((noinline)) csj_text unescape(csj_parser &parser, const uint8_t *start) {
    uint8_t *const begin = parser.unescaped_end, *const end = parser.indexer->parse_string(start, begin);
    if (!end) return {nullptr, 0};
    parser.unescaped_end = end;
    return {reinterpret_cast<const char *>(begin), static_cast<size_t>(end - begin)};
}

// Reads the document in the parser's buffer, from the places that simdjson's first stage found: where brackets, colons, commas, strings and other scalars begin,
// apart from what stands inside strings. The first stage vouches for UTF-8, for closed strings and that no control character is in one; all the rest is checked
// here. False: no JSON.
template <bool has_escapes> bool read_values(csj_parser &parser) {
    const uint8_t *const text = parser.buffer.get();
    // Behind the last place stands that of the document's end, where the padding begins: nothing that could follow anything.
    const uint32_t *next = parser.indexer->structural_indexes.get();
    csj_value *out = parser.values.get();
    csj_value *open = nullptr;   // the innermost object or array that has not ended; until it ends, `members.end` is the one around it
    uint8_t closing = 0;         // what ends it

    const auto string = [&]() __attribute__((always_inline)) {
        const uint8_t *start = text + next[0] + 1, *stop = text + next[1];
        next++;
        // Between its closing quote and the next place there is nothing but white space.
        do stop--; while (*stop != '"');
        if (stop < start) return false;
        out->kind = CSJ_STRING;
        out->string = {reinterpret_cast<const char *>(start), static_cast<size_t>(stop - start)};
        if (has_escapes && std::memchr(start, '\\', stop - start)) {
            out->string = unescape(parser, start);
            if (!out->string.start) return false;
        }
        out++;
        return true;
    };

value:
    if (text[*next] == '"') {
        if (!string()) return false;
        goto behind;
    }
    switch (text[*next]) {
        case '{': case '[':
            // A closing bracket is its opening one and 2, in ASCII.
            closing = text[*next++] + 2;
            out->kind = closing == '}' ? CSJ_OBJECT : CSJ_ARRAY;
            out->members = {out + 1, open};
            open = out++;
            if (text[*next] == closing) goto close;
            if (closing == '}') goto name;
            goto value;
        case 't': case 'f': case 'n':
            if (!read_literal(text + next[0], text + next[1], out++)) return false;
            next++;
            break;
        default:
            if (!read_number(text + next[0], text + next[1], out++)) return false;
            next++;
            break;
    }
behind:
    if (!open) return next == parser.indexer->structural_indexes.get() + parser.indexer->n_structural_indexes;
    if (text[*next] != ',') {
        if (text[*next] != closing) return false;
        goto close;
    }
    next++;
    if (closing == ']') goto value;
name:
    if (text[*next] != '"' || !string() || text[*next] != ':') return false;
    next++;
    goto value;
close:
    next++;
    csj_value *around = const_cast<csj_value *>(open->members.end);
    open->members.end = out;
    open = around;
    closing = open && open->kind == CSJ_OBJECT ? '}' : ']';
    goto behind;
}

bool read(csj_parser &parser, size_t length) {
    parser.unescaped_end = parser.unescaped.get();
    return std::memchr(parser.buffer.get(), '\\', length) ? read_values<true>(parser) : read_values<false>(parser);
}

// What stands behind a value and its members.
inline const csj_value *after(const csj_value *value) { return value->kind == CSJ_OBJECT || value->kind == CSJ_ARRAY ? value->members.end : value + 1; }

// Calls `body` with every name of an object and its value, until it says false.
template <typename Body> inline void fields(const csj_value *object, Body body) {
    if (object->kind != CSJ_OBJECT) return;
    for (const csj_value *name = object->members.first; name < object->members.end;) {
        const csj_value *value = name + 1;
        if (!body(name->string, *value)) return;
        name = after(value);
    }
}

}  // namespace

extern "C" {

csj_parser *csj_parser_new(size_t capacity) {
    auto *made = new (std::nothrow) csj_parser;
    if (!made) return nullptr;
    made->capacity = capacity;
    made->buffer.reset(new (std::nothrow) uint8_t[capacity + SIMDJSON_PADDING]);
    made->unescaped.reset(new (std::nothrow) uint8_t[capacity + SIMDJSON_PADDING]);
    // A name or value takes at least one byte. Untouched pages cost nothing.
    made->values.reset(new (std::nothrow) csj_value[capacity + 1]);
    // Only the second stage, which is not used, needs a depth.
    error_code error = get_active_implementation()->create_dom_parser_implementation(capacity < 64 ? 64 : capacity, 1, made->indexer);
    if (!made->buffer || !made->unescaped || !made->values || error) {
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
    if (parser->indexer->stage1(text, length, stage1_mode::regular) || !read(*parser, length)) {
        return validate_utf8(reinterpret_cast<const char *>(bytes), length) ? CSJ_NOT_JSON : CSJ_NOT_UTF8;
    }
    *root = parser->values[0];
    return CSJ_OK;
}

csj_names *csj_names_new(const csj_text *names, size_t count) {
    auto *made = count <= 64 ? new (std::nothrow) csj_names : nullptr;
    if (!made) return nullptr;
    for (size_t i = 0; i < count; i++) {
        made->texts[i].assign(names[i].start, names[i].length);
        const std::string padded = made->texts[i] + std::string(8, '\0');
        const csj_names::words words({padded.data(), names[i].length});
        size_t at = csj_names::home(words);
        while (made->slots[at].place != 0) at = csj_names::after(at);
        made->slots[at] = {words.head, words.tail, static_cast<uint32_t>(names[i].length), static_cast<uint32_t>(i + 1)};
    }
    return made;
}

void csj_names_free(csj_names *names) { delete names; }

void csj_select(const csj_value *object, const csj_names *names, csj_value *out, csj_selection *selection) {
    uint64_t found = 0, repeated = 0;
    fields(object, [&](csj_text name, const csj_value &value) {
        if (size_t place = names->find(name)) {
            uint64_t bit = uint64_t(1) << (place - 1);
            repeated |= found & bit;
            found |= bit;
            out[place - 1] = value;
        }
        return true;
    });
    *selection = {found, repeated};
}

size_t csj_elements(const csj_value *array, csj_value *out, size_t most) {
    size_t count = 0;
    if (array->kind != CSJ_ARRAY) return 0;
    for (const csj_value *value = array->members.first; value < array->members.end && count < most; value = after(value)) out[count++] = *value;
    return count;
}

bool csj_find(const csj_value *object, const char *name, size_t length, csj_value *out) {
    bool found = false;
    fields(object, [&](csj_text text, const csj_value &value) {
        found = text.length == length && std::memcmp(text.start, name, length) == 0;
        if (found) *out = value;
        return !found;
    });
    return found;
}

}
