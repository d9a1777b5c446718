package ranking

import (
	"bytes"
	"encoding/json"
	"errors"
	"math"
	"strconv"
	"strings"
	"unicode/utf8"
)

// Reading JSON lines strictly. encoding/json forgives what a data file must not hide: a key given twice, a key in
// other case, bytes that are not UTF-8, half of a surrogate pair. The helpers here walk a line that json.Valid has
// accepted and refuse those.

// maxMetadataDepth bounds the nesting of metadata, maxNumberBytes the length of a number's literal in it.
const (
	maxMetadataDepth = 32
	maxNumberBytes   = 64
)

// checkJSON says why line is not acceptable JSON text, or nil if it is.
func checkJSON(line []byte) *Error {
	if i := bytes.IndexByte(line, 0); i >= 0 {
		return because("holds a NUL byte at column %d", i+1)
	}
	if !utf8.Valid(line) {
		return because("is not UTF-8 at column %d", firstInvalidUTF8(line)+1)
	}
	var raw json.RawMessage
	if err := json.Unmarshal(line, &raw); err != nil {
		var syntax *json.SyntaxError
		if errors.As(err, &syntax) {
			return because("is not valid JSON: %s (column %d)", syntax, syntax.Offset)
		}
		return because("is not valid JSON: %s", err)
	}
	if i := loneSurrogate(line); i >= 0 {
		return because(`holds half of a surrogate pair (\u%s) at column %d`, line[i+2:i+6], i+1)
	}
	return nil
}

func firstInvalidUTF8(b []byte) int {
	for i := 0; i < len(b); {
		r, size := utf8.DecodeRune(b[i:])
		if r == utf8.RuneError && size == 1 {
			return i
		}
		i += size
	}
	return len(b)
}

// loneSurrogate finds a \uD800-\uDFFF escape that is not part of a pair; encoding/json would replace it silently.
func loneSurrogate(line []byte) int {
	for i := 0; i+1 < len(line); i++ {
		if line[i] != '\\' {
			continue
		}
		if line[i+1] != 'u' {
			i++ // an escaped character, a backslash perhaps
			continue
		}
		switch unit := escapedUnit(line[i:]); {
		case unit >= 0xD800 && unit < 0xDC00:
			if low := escapedUnit(line[i+6:]); low < 0xDC00 || low > 0xDFFF {
				return i
			}
			i += 11
		case unit >= 0xDC00 && unit <= 0xDFFF:
			return i
		default:
			i += 5
		}
	}
	return -1
}

// escapedUnit reads a \uXXXX escape at the start of b, or returns -1.
func escapedUnit(b []byte) int {
	if len(b) < 6 || b[0] != '\\' || b[1] != 'u' {
		return -1
	}
	unit, err := strconv.ParseUint(string(b[2:6]), 16, 16)
	if err != nil {
		return -1
	}
	return int(unit)
}

// objectFields calls yield with each key of the JSON object raw and its value's bytes. raw must be valid JSON. It
// returns a reason (nil for none): raw is no object, a key occurs twice, or yield's own.
func objectFields(raw []byte, yield func(key string, value []byte) (reason *Error)) (reason *Error) {
	i := skipSpace(raw, 0)
	if i == len(raw) || raw[i] != '{' {
		return because("is not a JSON object")
	}
	seen := make(map[string]bool, 8)
	for i = skipSpace(raw, i+1); raw[i] != '}'; {
		end := valueEnd(raw, i)
		var key string
		if err := json.Unmarshal(raw[i:end], &key); err != nil {
			return because("is not valid JSON: %s", err)
		}
		if seen[key] {
			return because("has the key %q twice", key)
		}
		seen[key] = true
		i = skipSpace(raw, skipSpace(raw, end)+1) // past the colon
		end = valueEnd(raw, i)
		if reason := yield(key, raw[i:end]); reason != nil {
			return reason
		}
		if i = skipSpace(raw, end); raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	return nil
}

// notAList is the reason that arrayItems gives for anything else.
var notAList = because("must be a list")

// arrayItems calls yield with the bytes of each item of the JSON array raw, which must be valid JSON.
func arrayItems(raw []byte, yield func(i int, item []byte) (reason *Error)) (reason *Error) {
	i := skipSpace(raw, 0)
	if i == len(raw) || raw[i] != '[' {
		return notAList
	}
	n := 0
	for i = skipSpace(raw, i+1); raw[i] != ']'; n++ {
		end := valueEnd(raw, i)
		if reason := yield(n, raw[i:end]); reason != nil {
			return reason
		}
		if i = skipSpace(raw, end); raw[i] == ',' {
			i = skipSpace(raw, i+1)
		}
	}
	return nil
}

func skipSpace(b []byte, i int) int {
	for i < len(b) && (b[i] == ' ' || b[i] == '\t' || b[i] == '\n' || b[i] == '\r') {
		i++
	}
	return i
}

// valueEnd returns where the JSON value that starts at b[i] ends.
func valueEnd(b []byte, i int) int {
	depth := 0
	for ; i < len(b); i++ {
		switch b[i] {
		case '"':
			for i++; b[i] != '"'; i++ {
				if b[i] == '\\' {
					i++
				}
			}
			if depth == 0 {
				return i + 1
			}
		case '{', '[':
			depth++
		case '}', ']':
			if depth == 0 {
				return i // the end of the surrounding value: a number or word ended here
			}
			if depth--; depth == 0 {
				return i + 1
			}
		case ',', ':', ' ', '\t', '\n', '\r':
			if depth == 0 {
				return i
			}
		}
	}
	return i
}

// jsonString decodes a JSON string.
func jsonString(name string, raw []byte) (text string, reason *Error) {
	if len(raw) == 0 || raw[0] != '"' {
		return "", because("%s must be a string", name)
	}
	if err := json.Unmarshal(raw, &text); err != nil {
		return "", because("%s must be a string", name)
	}
	return text, nil
}

// jsonID decodes an id: a string, or an integer, which stands for its digits.
func jsonID(raw []byte) (id string, reason *Error) {
	if len(raw) > 0 && raw[0] != '"' {
		if n, err := strconv.ParseInt(string(raw), 10, 64); err == nil {
			return strconv.FormatInt(n, 10), nil
		}
	}
	return jsonString("id", raw)
}

// jsonMetadata decodes an object of any shape that Postgres can keep: numbers stay as written.
func jsonMetadata(raw []byte) (metadata map[string]any, reason *Error) {
	if bytes.Equal(raw, []byte("null")) {
		return nil, nil
	}
	if len(raw) == 0 || raw[0] != '{' {
		return nil, because("metadata must be an object")
	}
	decoder := json.NewDecoder(bytes.NewReader(raw))
	decoder.UseNumber()
	if err := decoder.Decode(&metadata); err != nil {
		return nil, because("metadata is not valid JSON: %s", err)
	}
	if reason := checkMetadata(metadata, 1); reason != nil {
		return nil, reason
	}
	return metadata, nil
}

func checkMetadata(value any, depth int) (reason *Error) {
	if depth > maxMetadataDepth {
		return because("metadata is nested more than %d deep", maxMetadataDepth)
	}
	switch v := value.(type) {
	case map[string]any:
		for key, item := range v {
			if strings.IndexByte(key, 0) >= 0 {
				return because("metadata holds a NUL byte")
			}
			if reason := checkMetadata(item, depth+1); reason != nil {
				return reason
			}
		}
	case []any:
		for _, item := range v {
			if reason := checkMetadata(item, depth+1); reason != nil {
				return reason
			}
		}
	case string:
		if strings.IndexByte(v, 0) >= 0 {
			return because("metadata holds a NUL byte")
		}
	case json.Number:
		if len(v) > maxNumberBytes {
			return because("metadata holds a number of more than %d digits", maxNumberBytes)
		}
		f, err := v.Float64()
		if err != nil || math.IsInf(f, 0) || f == 0 && strings.ContainsAny(mantissa(string(v)), "123456789") {
			return because("metadata holds a number out of range: %s", string(v))
		}
	}
	return nil
}

// mantissa is a number's literal without its exponent.
func mantissa(number string) string {
	if i := strings.IndexAny(number, "eE"); i >= 0 {
		return number[:i]
	}
	return number
}
